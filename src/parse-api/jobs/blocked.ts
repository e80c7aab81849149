import { z } from "zod";
import { UnsiloedError } from "../../errors.js";
import { redact } from "../redact.js";

const optionalText = z.string().nullish().catch(null);

/** Answer to a submission whose document was blocked for personal data; it names no job. */
const blockedSchema = z.object({
  job_id: z.null().optional(),
  status: z.string().regex(/^pii_blocked$/i),
  reason: optionalText,
  severity: optionalText,
  total_findings: z.number().nullish().catch(null),
  by_type: z.record(z.string(), z.number()).nullish().catch(null),
});

const findingsOf = ({ total_findings, by_type }: z.output<typeof blockedSchema>): string[] => {
  if (total_findings == null) return [];
  const types = Object.entries(by_type ?? {}).map(([type, count]) => `${count} ${type}`);
  const found = total_findings === 1 ? "1 finding" : `${total_findings} findings`;
  return [types.length > 0 ? `${found}: ${types.join(", ")}` : found];
};

/** Finds out whether the service blocked a document, although it answered with 200. */
export const piiBlocked = (answer: unknown, what: string, apiKey: string): UnsiloedError | undefined => {
  const parsed = blockedSchema.safeParse(answer);
  if (!parsed.success) return undefined;
  const { reason, severity } = parsed.data;
  const details = [reason, severity && `severity ${severity}`, ...findingsOf(parsed.data)].filter(Boolean);
  const said = details.length > 0 ? redact(details.join("; "), apiKey) : "the service gave no reason";
  return new UnsiloedError("PII_BLOCKED", `${what}: the document was blocked for personal data (${said})`);
};
