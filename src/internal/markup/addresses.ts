/** Parameters that let an address of a private file work for a while: those of S3, Google Cloud, CloudFront, Azure. */
const EXPIRING =
  /^(?:x-(?:amz|goog|oss|cos|bce|tos)-.*|awsaccesskeyid|googleaccessid|ossaccesskeyid|signature|expires?|expiry|expires_?at|exp|e|policy|key-pair-id|token|access_token|auth|auth_?key|jwt|sig|sign|se|sp|sv|sr|st|ske|skoid|sks|skt|sktid|skv|spr|sdd|saoid|suoid|scid|sip|srt|ss|hmac|hash|md5|nonce|ts|timestamp|q-.*)$/i;

/** Short names are parameters of a signature only beside one. */
const ALONE =
  /^(?:x-(?:amz|goog|oss|cos|bce|tos)-.*|awsaccesskeyid|googleaccessid|ossaccesskeyid|signature|expires?|expires_?at|policy|key-pair-id|token|access_token|auth_?key|jwt|sig|sign|hmac|q-sign.*)$/i;

const nameOf = (parameter: string): string => {
  const [name = ""] = parameter.split("=", 1);
  return name.replace(/^amp;/i, "");
};

/** Removes what expires from the query of an address, so that the same file always has the same address. */
export const stableAddress = (address: string): string => {
  const start = address.indexOf("?");
  if (start < 0) return address;
  const end = address.indexOf("#", start);
  const query = address.slice(start + 1, end < 0 ? undefined : end);
  const parameters = query.split("&");
  if (!parameters.some((parameter) => ALONE.test(nameOf(parameter)))) return address;
  const kept = parameters.filter((parameter) => !EXPIRING.test(nameOf(parameter)));
  const fragment = end < 0 ? "" : address.slice(end);
  return `${address.slice(0, start)}${kept.length > 0 ? `?${kept.join("&")}` : ""}${fragment}`;
};

const MEDIA = "\\bdata:(?:[a-z]+/[\\w.+-]+(?:;[\\w-]+(?:=[\\w.+-]*)?)*|(?:;[\\w-]+(?:=[\\w.+-]*)?)+),";
/** Base64 may be broken into lines; anything else ends at a quotation mark, a bracket or a blank. */
const DATA_URI = new RegExp(
  `${MEDIA}[^\\s"'<>()[\\]{}|\\\\\`]*(?:\\r?\\n[A-Za-z0-9+/=]{20,})*(?:\\r?\\n[A-Za-z0-9+/]+={0,2}(?=\\)))?`,
  "gi",
);
/** In quotation marks a picture may be written out, such as an SVG. */
const QUOTED_DATA_URI = new RegExp(`(["'])\\s*${MEDIA}(?:(?!\\1)[^\\n])*\\1`, "gi");

/** Removes data URIs, which hold pictures and are no text. */
export const withoutDataUris = (text: string): string =>
  /data:/i.test(text) ? text.replace(QUOTED_DATA_URI, "$1$1").replace(DATA_URI, "") : text;
