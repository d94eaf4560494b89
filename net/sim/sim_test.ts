import { Explorer, type ExploreReport } from "../../executor/sim/_explorer.ts";
import { checkNames, type Names } from "../../future/_option_names.ts";
import {
  EXPLORE,
  type ExploreOptions,
  type Settings,
  settingsOf,
} from "../../executor/sim/options.ts";
import type { SimProgram } from "../../executor/sim/sim.ts";
import { SimFailure } from "../../executor/sim/sim_failure.ts";
import { Origin } from "../../executor/_origin.ts";
import { Natives } from "../../executor/sim/_natives.ts";
import { testRunner } from "../_deno.ts";
import { NetWorld } from "./_net_world.ts";
import type { NetSim } from "./net_sim.ts";
import type { SimNetworkOptions } from "./sim_network.ts";

/** How {@linkcode simTest} and {@linkcode simulate} go about it. */
export interface SimTestOptions extends ExploreOptions {
  /** What the network is like: ideal by default. */
  net?: SimNetworkOptions;
  /**
   * When the faults end, and by when all must be done then: at `at` milliseconds
   * of simulated time the network is healed, and `within` milliseconds later the
   * run must have ended. Until then it is enough that nothing goes wrong.
   */
  recovery?: { at: number; within: number };
  /**
   * The names of tasks that may wait for native promises, with all that they
   * start. Promises that wait for the simulation and for each other alone, as
   * those of `client.fetch` and of web streams do, have settled before the
   * simulated clock moves, so that all follows from the seed. What comes from
   * outside is waited for in real time, when nothing else is left to do.
   * Failures are not simplified.
   */
  allowPromises?: readonly string[];
  /**
   * Whether all runs are made twice, and must be the same: `true` by default.
   * `hash` of the report tells.
   */
  twice?: boolean;
}

const NAMES: Names<SimTestOptions> = {
  ...EXPLORE,
  net: true,
  recovery: true,
  allowPromises: true,
  twice: true,
};

/**
 * Explores a body with a simulated network: what {@linkcode simTest} does, for
 * those with another test runner, or without one.
 *
 * @param options In which orders, how many runs, what the network is like.
 * @param body What is run each time, as the task "main".
 * @returns What was explored. It rejects with a `SimFailure` at the first run
 * that fails, and with a `RangeError` if an option is out of range.
 *
 * @example Usage
 * ```ts
 * import { simulate } from "@pollen/futures/testing";
 * import { ConnectionFailed, TcpStream } from "@pollen/futures/net";
 * import { assert } from "@std/assert";
 *
 * await simulate({ runs: 50 }, function* (sim) {
 *   sim.host("a.test");
 *   sim.net.link("client", "a.test").refuse();
 *   try {
 *     yield* TcpStream.connect("a.test:80", { network: sim.net });
 *   } catch (error) {
 *     assert(error instanceof ConnectionFailed);
 *   }
 * });
 * ```
 */
export function simulate(
  options: SimTestOptions,
  body: (sim: NetSim) => SimProgram,
): Promise<ExploreReport> {
  return simulateAs(
    "the simulation",
    options,
    body,
    (replay) =>
      replay === null
        ? "call it again: it goes through the same runs"
        : `simulate({ …, replay: "${replay}" }, …)`,
  );
}

function checkOptions(options: SimTestOptions): Settings {
  checkNames(options, NAMES);
  const { net: _n, recovery: _r, allowPromises: _a, twice: _t, ...rest } =
    options;
  return settingsOf("simulate", rest);
}

async function simulateAs(
  title: string,
  options: SimTestOptions,
  body: (sim: NetSim) => SimProgram,
  repeat: (replay: string | null) => string,
): Promise<ExploreReport> {
  const settings = checkOptions(options);
  const { net = {}, recovery, allowPromises = [], twice = true } = options;
  const run = async (): Promise<ExploreReport> => {
    const natives = new Natives(allowPromises);
    const explorer = new Explorer(
      settings,
      (host, seed, sometimes) =>
        new NetWorld(host, seed, settings, sometimes, natives, net),
      (sim) => {
        if (recovery !== undefined) recover(sim, recovery);
        return body(sim);
      },
      natives,
      { title, repeat, options: { net, recovery, allowPromises } },
    );
    const exploration = explorer.explore();
    for (;;) {
      const step = exploration.next();
      if (step.done) return step.value;
      await step.value;
    }
  };
  const inTurn = allowPromises.length > 0 ? oneAfterTheOther : atOnce;
  const report = await inTurn(run);
  if (!twice || settings.replay !== null) return report;
  const again = await inTurn(run);
  if (again.hash === report.hash) return report;
  throw new SimFailure(
    `Cannot pass ${title}: the same seed gave other runs the second time, so the body is not deterministic`,
    { kind: "not deterministic", replay: "", run: report.runs, trace: [] },
  );
}

/** The last of those that give way to promises, each with its own executor. */
let last: Promise<unknown> = Promise.resolve();

function oneAfterTheOther<T>(run: () => Promise<T>): Promise<T> {
  const own = last.then(run);
  last = own.catch(() => {});
  return own;
}

function atOnce<T>(run: () => Promise<T>): Promise<T> {
  return run();
}

function recover(
  sim: NetWorld,
  { at, within }: { at: number; within: number },
): void {
  sim.platform.setTimer(at, () => sim.net.heal());
  sim.platform.setTimer(at + within, () => {
    if (sim.isEnding) return;
    sim.fail(
      "stuck",
      `it is not done ${within} ms after all faults have ended\n${sim.tasks()}`,
    );
  });
}

/**
 * Registers a test that explores a body with a simulated network: hosts, links,
 * faults, and time that jumps. Each run has another seed, and with it other
 * delays, other faults and another order of tasks. Mirrors a test with
 * `turmoil`, or with `madsim`.
 *
 * A run fails if the body throws, if tasks wait for ever, if something that must
 * always hold does not, or if a task, timer, socket or operation is left behind.
 * The failure shows the command that repeats that very run, the options in full,
 * and all that happened in it. Native promises cannot be simulated, and are an
 * error.
 *
 * @param name The name of the test.
 * @param options In which orders, how many runs, what the network is like.
 * @param body What is run each time, as the task "main".
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If an option is out of range.
 *
 * @example At the top level of a test file
 * ```ts
 * import { pct, simTest } from "@pollen/futures/testing";
 * import { NetError, TcpListener, TcpStream } from "@pollen/futures/net";
 *
 * const file = () => simTest("what arrives is what was sent, as far as it goes", {
 *   runs: 100,
 *   schedule: pct({ depth: 3 }),
 *   net: { latency: [1, 50], chunk: [1, 3] },
 * }, function* (sim) {
 *   const server = sim.host("a.test", function* (host) {
 *     using listener = TcpListener.bind({
 *       hostname: host.address,
 *       port: 7,
 *       network: host,
 *     });
 *     for (;;) {
 *       using stream = yield* listener.accept();
 *       yield* stream.writeAll(new Uint8Array([1, 2, 3, 4, 5]));
 *     }
 *   });
 *   sim.net.link("a.test", "client").resetAfterBytes(3, { probability: 0.2 });
 *   yield* sim.sleep(1);
 *   using stream = yield* TcpStream.connect(`${server.address}:7`, {
 *     network: sim.net,
 *   });
 *   const got: number[] = [];
 *   const into = new Uint8Array(8);
 *   try {
 *     for (let n; (n = yield* stream.read(into)) !== null;) {
 *       got.push(...into.subarray(0, n));
 *     }
 *   } catch (error) {
 *     if (!(error instanceof NetError)) throw error;
 *     sim.sometimes("it was reset", true);
 *   }
 *   sim.always("they come in order", got.every((byte, i) => byte === i + 1));
 * });
 * ```
 */
export function simTest(
  name: string,
  options: SimTestOptions,
  body: (sim: NetSim) => SimProgram,
): void {
  checkOptions(options);
  const site = new Origin().site?.replace(/(:\d+){1,2}$/, "") ?? "<file>";
  const file = /^[\w:/.%~@+-]*$/.test(site) ? site : quoted(site);
  const repeat = (replay: string | null): string => {
    const { commit } = testRunner;
    const which = replay === null ? "" : ` -- --sim=${replay}`;
    const at = commit === null ? "" : ` (at commit ${commit})`;
    return `deno test ${file} --filter ${quoted(name)}${which}${at}`;
  };
  testRunner.register(name, async () => {
    const flag = testRunner.args.find((arg) => arg.startsWith("--sim="));
    const given = flag === undefined
      ? options
      : { ...options, replay: flag.slice("--sim=".length) };
    await simulateAs(`"${name}"`, given, body, repeat);
  });
}

/** As one word of a shell's, which reads some signs within double quotes too. */
function quoted(text: string): string {
  return /["$`\\!]/.test(text)
    ? `'${text.replaceAll("'", "'\\''")}'`
    : `"${text}"`;
}
