import { afterEach, beforeEach, expect, it } from "vitest";
import { openS3 } from "../../src/internal/object-store/s3-store.js";
import { runCli } from "../support/cli/run-cli.js";
import { withoutPackages } from "../support/cli/without-packages.js";
import { FAST, Workspace } from "../support/cli/workspace.js";
import { setEnvironment } from "../support/object-stores/environment.js";
import { type S3Server, startS3 } from "../support/object-stores/s3-server.js";
import { createDatabase, describeWithPostgres } from "../support/postgres.js";

describeWithPostgres("a worker that cannot read what is in the queue", () => {
  let space: Workspace;
  let server: S3Server;
  let state: string[];
  beforeEach(async () => {
    state = ["--state", await createDatabase()];
    space = await Workspace.open();
    server = await startS3();
    setEnvironment(server.env);
    const store = await openS3("bucket");
    for (const name of ["a", "b", "c"]) await store.write(`in/${name}.pdf`, Buffer.from(`%PDF-1.7 ${name}`));
    await json("migrate");
    expect(await json("enqueue", "s3://bucket/in/")).toMatchObject({ enqueued: 3 });
  });
  afterEach(() => space.close());

  const command = async (args: string[], env: Record<string, string> = {}) =>
    runCli([...args, ...state], { cwd: space.cwd, env: { ...space.env, ...server.env, ...env } });
  const json = async (...args: string[]) => JSON.parse((await command([...args, "--json"])).stdout);

  /** Starts a worker that has no reason to end by itself, and expects that it ends with 2 and gives everything back. */
  const expectRefused = async (env: Record<string, string>): Promise<string> => {
    const { code, stdout, stderr } = await command(["work", ...FAST], env);
    expect(code).toBe(2);
    expect((await json("status")).queue).toMatchObject({ waiting: 3, paused: 0, taken: 0, dead: 0 });
    expect(space.emulator.submissions).toBe(0);
    return stdout + stderr;
  };

  it("as its credentials are refused ends, gives everything back, and names the address once", async () => {
    const said = await expectRefused({ AWS_ACCESS_KEY_ID: "refused" });
    const line = said.split("\n").find((one) => one.startsWith("FAILED")) ?? "";
    expect(line).toMatch(/^FAILED .*\[parse\] UNAUTHORIZED: no credentials were accepted/);
    for (const address of line.match(/s3:\/\/bucket\/in\/.\.pdf/g) ?? [])
      expect(line.split(address).length).toBe(2);
    expect(await json("work", "--until-empty", ...FAST)).toMatchObject({ sources: { succeeded: 3 } });
  });

  it("as the packages of the queue are missing is told of both at once, like the commands before it", async () => {
    for (const [args, missing] of [
      [["migrate"], ["pg", "pg-boss"]],
      [
        ["enqueue", "s3://bucket/in/"],
        ["pg", "pg-boss"],
      ],
      [["work"], ["pg", "pg-boss"]],
      [["work"], ["pg-boss"]],
    ] as const) {
      const { code, stderr } = await command([...args], withoutPackages(...missing));
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringMatching(
          /^error: [^\n]* needs optional packages: run "npm install pg pg-boss"\n$/,
        ),
      });
    }
  });

  it("as a package is missing ends, gives everything back, and says what to install", async () => {
    const said = await expectRefused(withoutPackages("@aws-sdk/client-s3"));
    expect(said).toMatch(/MISSING_PACKAGE: .*npm install @aws-sdk\/client-s3 @aws-sdk\/s3-request-presigner/);
  });
});
