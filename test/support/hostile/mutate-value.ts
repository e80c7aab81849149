import type { Random } from "../../../bench/support/random.js";

type Container = Record<string, unknown> | unknown[];

interface Place {
  holder: Container;
  key: string | number;
}

const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;

const entriesOf = (holder: Container): [string | number, unknown][] =>
  Array.isArray(holder) ? [...holder.entries()] : Object.entries(holder);

/** Finds every location in a value. */
const placesIn = (value: unknown): Place[] => {
  const places: Place[] = [];
  const work = isContainer(value) ? [value] : [];
  for (let holder = work.pop(); holder; holder = work.pop())
    for (const [key, inner] of entriesOf(holder)) {
      places.push({ holder, key });
      if (isContainer(inner)) work.push(inner);
    }
  return places;
};

const get = ({ holder, key }: Place): unknown => Reflect.get(holder, key);

const set = ({ holder, key }: Place, value: unknown): void => {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
};

const remove = ({ holder, key }: Place): void => {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
};

const NAMES = [
  "__proto__",
  "constructor",
  "toString",
  "segments",
  "chunks",
  "ocr",
  "segment_id",
  "content",
  "",
] as const;

const TEXTS: readonly [string, ...string[]] = [
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "x\udc00y",
  "\u202etxt.exe",
  "e\u0301".repeat(500),
  "🙂".repeat(300),
  "x".repeat(20_000),
  " ".repeat(20_000),
  "\n".repeat(5_000),
  "- ".repeat(5_000),
  "#".repeat(5_000),
  "|".repeat(5_000),
  "| a ".repeat(2_000),
  "**".repeat(4_000),
  "[".repeat(5_000),
  "](".repeat(4_000),
  ". ".repeat(5_000),
  "1.1.1.1 ".repeat(900),
  "&amp;".repeat(3_000),
  "`".repeat(4_000),
  "\\".repeat(4_000),
  "$$".repeat(4_000),
  "漢".repeat(5_000),
];

const HTML_PIECES = [
  "<table>",
  "</table>",
  "<tr>",
  "</tr>",
  "<td>",
  "</td>",
  "<th>",
  "<thead>",
  "<tfoot>",
  "<tbody>",
  "<caption>",
  '<td colspan="99999999">',
  '<td rowspan="0">',
  '<td rowspan="-1" colspan="1e9">',
  '<th colspan="abc">',
  "<br>",
  "<script>alert(1)</script>",
  '<img src=x onerror="alert(1)">',
  "<!--",
  "-->",
  "<![CDATA[",
  "<style>",
  "</p>",
  "<p>",
  "<div>",
  "<",
  ">",
  "</",
  '"',
  "&#0;",
  "&#xD800;",
  "&nosuch;",
  "cell",
  "12.5",
  "\u0000",
  "<svg><math>",
  "<plaintext>",
  "<table><table>",
  "<td><table><tr><td>",
] as const;

const soup = (random: Random): string =>
  `<table>${Array.from({ length: random.below(120) }, () => HTML_PIECES[random.below(HTML_PIECES.length)]).join("")}`;

const NUMBERS = [0, -1, -0, 0.5, 1e9, -1e9, 1e300, -1e300, 5e-324, 2 ** 53, "1e999", "-1e999"] as const;

const nested = (random: Random): unknown => {
  let value: unknown = "deep";
  for (let depth = random.of(5, 40, 70, 600); depth > 0; depth--)
    value = random.chance(0.5) ? [value] : { a: value };
  return value;
};

const anything = (random: Random): unknown =>
  random.of<() => unknown>(
    () => null,
    () => random.chance(0.5),
    () => NUMBERS[random.below(NUMBERS.length)],
    () => TEXTS[random.below(TEXTS.length)],
    () => soup(random),
    () => [],
    () => ({}),
    () => nested(random),
  )();

const copy = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));

/** Changes texts, boxes and spans, which the code reads most. */
const aim = (places: readonly Place[], random: Random): void => {
  const named = (pattern: RegExp) => places.filter(({ key }) => pattern.test(String(key)));
  const pick = (some: readonly Place[]): Place | undefined => some[random.below(some.length)];
  random.of<() => void>(
    () => {
      const place = pick(named(/^(content|markdown|html|llm)$/));
      if (place) set(place, random.chance(0.4) ? soup(random) : TEXTS[random.below(TEXTS.length)]);
    },
    () => {
      const place = pick(named(/^(left|top|width|height|page_width|page_height|confidence|page_number)$/));
      if (place) set(place, NUMBERS[random.below(NUMBERS.length)]);
    },
    () => {
      const place = pick(named(/^segment_type$/));
      if (place)
        set(
          place,
          random.of("Table", "Caption", "Footnote", "Picture", "Title", "PageFooter", "__proto__", "Stamp"),
        );
    },
    () => {
      const place = pick(named(/^(segment_id|chunk_id)$/));
      if (place) set(place, random.of<unknown>("s-1", "constructor", "", null, "x".repeat(900)));
    },
    () => {
      const place = pick(named(/^html$/));
      const html = place && get(place);
      if (place && typeof html === "string")
        set(
          place,
          html.replace(
            /<t[dh]/g,
            (tag) => `${tag} ${random.of("colspan", "rowspan")}="${random.of(0, 2, 7, 65_535, -3)}"`,
          ),
        );
    },
    () => {
      const place = pick(named(/^segments$/));
      if (place) set(place, random.of<unknown>([], null, [{}], [[]], [null]));
    },
  )();
};

const change = (places: readonly Place[], random: Random): void => {
  const place = places[random.below(places.length)];
  const other = places[random.below(places.length)];
  if (!place || !other) return;
  random.of<() => void>(
    () => remove(place),
    () => set(place, anything(random)),
    () => set(place, copy(get(other))),
    () => {
      const value = get(place);
      remove(place);
      if (!Array.isArray(place.holder))
        set({ ...place, key: NAMES[random.below(NAMES.length)] ?? "" }, value);
    },
    () => {
      if (Array.isArray(place.holder)) place.holder.splice(Number(place.key), 0, copy(get(place)));
      else set({ ...place, key: NAMES[random.below(NAMES.length)] ?? "" }, anything(random));
    },
    () => {
      const value = get(place);
      if (Array.isArray(value)) value.reverse();
      else set(place, [value]);
    },
  )();
};

/** Returns a changed copy of a result: keys removed, renamed and with other types, extreme texts and numbers. */
export const mutateValue = (result: unknown, random: Random): string => {
  const value = copy(result);
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const places = placesIn(value);
    if (random.chance(0.5)) aim(places, random);
    else change(places, random);
  }
  // A number that is valid in JSON and too large for JavaScript.
  return JSON.stringify(value).replace(/"(-?1e999)"/g, "$1");
};
