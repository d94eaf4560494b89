/**
 * Tools for tests: simulated time and a simulated network, schedules that are
 * explored, faults at every moment; a waker that counts, a single poll.
 *
 * @example A test that takes no time
 * ```ts
 * import { Executor } from "@pollen/futures/executor";
 * import { VirtualClock } from "@pollen/futures/testing";
 * import { sleep } from "@pollen/futures/time";
 * import { assert } from "@std/assert";
 *
 * const clock = new VirtualClock();
 * using executor = new Executor({ host: clock });
 * const task = executor.spawn(sleep(1000));
 * clock.advance(1000);
 * assert(task.isFinished);
 * ```
 *
 * @module
 */

import "./_decoding.ts";

export * from "../../executor/sim/mod.ts";
export * from "./cancel_everywhere.ts";
export * from "./http_fixture.ts";
export type * from "./net_sim.ts";
export * from "./scripted_io.ts";
export {
  type CertificateFault,
  simCertificate,
  type SimCertificateOptions,
} from "./sim_certificate.ts";
export type * from "./sim_dns.ts";
export type * from "./sim_link.ts";
export { SimMachine } from "./sim_machine.ts";
export * from "./sim_network.ts";
export * from "./sim_test.ts";
