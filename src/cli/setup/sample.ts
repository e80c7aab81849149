import { packageFile } from "../../internal/installed.js";

/** Returns the path of the saved result of the sample report, which the package contains. */
export const sampleFile = (): string => packageFile("examples/data/annual-report.json");
