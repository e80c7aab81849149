/** The time of a statement, once it has what it waited for. @param parameter such as `$1`: a number or null */
export const timeOf = (parameter: string): string =>
  `coalesce(to_timestamp(${parameter}::float8 / 1000), clock_timestamp())`;

export const milliseconds = (parameter: string): string => `${parameter}::float8 * interval '1 millisecond'`;
