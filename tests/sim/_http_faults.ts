// What goes wrong between a client and its servers, until the network is healed.
import type { FaultRule, NetSim } from "../../net/sim/mod.ts";

/** When the faults end, in simulated milliseconds. */
export const HEALED = 6000;

/** A whole number of a range. */
export function whole(sim: NetSim, least: number, most: number): number {
  return least + Math.floor(sim.random() * (most - least + 1));
}

/** One of several. */
export function one<T>(sim: NetSim, choices: readonly T[]): T {
  return choices[Math.floor(sim.random() * choices.length)]!;
}

/** Draws which faults there are to a server, and how often they strike. */
export function spoil(sim: NetSim, name: string, from = "client"): void {
  const there = sim.net.link(from, name);
  const back = sim.net.link(name, from);
  const nowAndThen = (): FaultRule => ({
    probability: one(sim, [0.1, 0.3, 0.6]),
    until: HEALED,
  });
  for (const link of [there, back]) {
    link.latency(one(sim, [0, 1, [1, 50], [20, 200]] as const));
    link.chunk(one(sim, [[1, 1400], [1, 40], [100, 100_000]] as const));
    link.sendBuffer(one(sim, [200, 2000, 65_536]));
    if (sim.random() < 0.2) link.bandwidth(whole(sim, 5000, 50_000));
  }
  const faults: (() => void)[] = [
    () => there.refuse(nowAndThen()),
    () => there.blackhole(nowAndThen()),
    () => there.acceptThenReset(nowAndThen()),
    () => there.resetAfterBytes(whole(sim, 0, 400), nowAndThen()),
    () => there.endAfterBytes(whole(sim, 0, 400), nowAndThen()),
    () => back.resetAfterBytes(whole(sim, 0, 3000), nowAndThen()),
    () => back.endAfterBytes(whole(sim, 0, 3000), nowAndThen()),
    () =>
      there.stallAfterBytes(whole(sim, 0, 600), {
        ...nowAndThen(),
        lasts: whole(sim, 1, 2000),
      }),
    () =>
      back.stallAfterBytes(whole(sim, 0, 3000), {
        ...nowAndThen(),
        lasts: one(sim, [whole(sim, 1, 2000), Infinity]),
      }),
    () => sim.net.dns(name).latency([0, whole(sim, 1, 2000)]),
    () => sim.net.dns(name).fails("EAI_AGAIN", nowAndThen()),
    () => sim.net.dns(name).fails("ENOTFOUND", nowAndThen()),
    () => {
      const own = [...sim.net.host(name).addresses];
      // Nobody, then a host that is dead first in line, then the right one.
      const dns = sim.net.dns(name).answers([], ["10.255.0.1", ...own], own);
      sim.platform.setTimer(HEALED, () => dns.answers(own));
    },
    () => background(sim, () => [there.reset(), back.reset()]),
    () => cut(sim, [there]),
    () => cut(sim, [back]),
    () => cut(sim, [there, back]),
  ];
  const most = whole(sim, 0, 4);
  for (let i = 0; i < most; i++) one(sim, faults)();
}

/** Does something at times, as long as there are faults. */
function background(sim: NetSim, strike: () => void): void {
  sim.spawn(function* () {
    for (;;) {
      yield* sim.sleep(whole(sim, 1, 1500));
      if (sim.now() >= HEALED) return;
      strike();
    }
  }, { name: "faults", background: true });
}

/** A partition, perhaps of one direction only, that comes and goes. */
function cut(
  sim: NetSim,
  links: readonly { hold(): void; release(): void }[],
): void {
  sim.spawn(function* () {
    for (;;) {
      yield* sim.sleep(whole(sim, 1, 2000));
      if (sim.now() >= HEALED) return;
      for (const link of links) link.hold();
      yield* sim.sleep(whole(sim, 1, 1000));
      for (const link of links) link.release();
    }
  }, { name: "partition", background: true });
}
