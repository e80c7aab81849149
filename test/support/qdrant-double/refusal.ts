/** An answer other than 200, thrown by a handler of the double and written by the server. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as text, without the envelope. */
  readonly plain: boolean;

  constructor(
    status: number,
    message: string,
    options: { headers?: Record<string, string>; plain?: boolean } = {},
  ) {
    super(message);
    this.status = status;
    this.headers = options.headers ?? {};
    this.plain = options.plain ?? false;
  }
}

export const wrongInput = (text: string): Refusal => new Refusal(400, `Wrong input: ${text}`);
export const formatError = (text: string): Refusal => new Refusal(400, `Format error in JSON body: ${text}`);
export const noCollection = (name: string): Refusal =>
  new Refusal(404, `Not found: Collection \`${name}\` doesn't exist!`);
export const noFacetIndex = (key: string): Refusal =>
  new Refusal(
    400,
    `Bad request: No appropriate index for faceting: \`${key}\`. Please create one to facet on this field.`,
  );
