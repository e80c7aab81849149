import type { Command } from "commander";
import { scrub } from "../../internal/scrub.js";
import type { VectorSink } from "../../stores/sink.js";
import { applyConfig } from "../config/apply-config.js";
import { askService, type ServiceAnswer } from "../doctor/ask-service.js";
import { type CheckResult, type DoctorContext, runChecks } from "../doctor/check.js";
import {
  configCheck,
  diskCheck,
  keptResultsCheck,
  ledgerCheck,
  nodeCheck,
  packagesCheck,
  stateCheck,
} from "../doctor/machine-checks.js";
import { modelCheck } from "../doctor/model-check.js";
import { clockCheck, keyCheck, serviceCheck } from "../doctor/service-checks.js";
import { collectionCheck, storeCheck } from "../doctor/store-checks.js";
import { chooseStore } from "../setup/choose-store.js";
import { currentEnvironment, loadEnvironment, secretsOf } from "../setup/environment.js";
import { EXIT } from "../terminal/exit.js";
import { interruptible } from "../terminal/interrupt.js";
import type { Terminal } from "../terminal/terminal.js";
import { counted } from "../terminal/wording.js";

export interface DoctorCommandOptions {
  json?: boolean;
}

/** In the order in which they are shown: what others need comes first. */
const CHECKS = [
  nodeCheck,
  configCheck,
  serviceCheck,
  keyCheck,
  clockCheck,
  packagesCheck,
  storeCheck,
  collectionCheck,
  modelCheck,
  ledgerCheck,
  stateCheck,
  keptResultsCheck,
  diskCheck,
];

/** Time of each check. Checks of slow networks and cold packages fit in. */
const LIMIT_MS = 20_000;

/** Calls a function once, when it is first asked for. */
const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

/** Reads the config file and `.env` as the other commands do. What is wrong with them is a finding, not an end. */
const readConfig = async (command: Command, named: string | false | undefined) => {
  try {
    const file = await applyConfig(command, named);
    return { config: { file }, environment: loadEnvironment() };
  } catch (problem) {
    return { config: { problem }, environment: currentEnvironment() };
  }
};

const formatResult = ({ name, status, message, action }: CheckResult): string =>
  [
    `${status.padEnd(8)} ${name.padEnd(14)} ${message}`,
    ...(action ? [`${" ".repeat(24)}→ ${action}`] : []),
  ].join("\n");

/** Runs `unsiloed-ingest doctor`: looks at everything that a run needs. Writes nothing and pays for nothing. */
export const runDoctor = (
  command: Command,
  named: string | false | undefined,
  out: Terminal,
): Promise<number> =>
  interruptible(out, async (signal) => {
    const { config, environment } = await readConfig(command, named);
    const options = command.opts<DoctorContext["options"] & DoctorCommandOptions>();
    const sink = once<VectorSink>(() => chooseStore({ ...options, readOnly: true }, environment));
    const service = once<ServiceAnswer>(() => askService(environment, signal));
    const results = await runChecks(
      CHECKS,
      { options, environment, config, sink, service, signal },
      LIMIT_MS,
    );
    await sink().then(
      (opened) => opened.close(),
      () => undefined,
    );
    const secrets = secretsOf(environment);
    const shown = results.map((result) => ({ ...result, message: scrub(result.message, secrets) }));
    const count = (wanted: CheckResult["status"]) => results.filter(({ status }) => status === wanted).length;
    const [failed, warnings] = [count("failed"), count("warning")];
    if (options.json) out.json({ ok: failed === 0, checks: shown });
    else {
      for (const result of shown) out.print(formatResult(result));
      out.print(`${counted(failed, "failure")}, ${counted(warnings, "warning")}`);
    }
    return failed === 0 ? EXIT.ok : EXIT.failed;
  });
