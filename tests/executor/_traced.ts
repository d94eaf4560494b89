import { type Future, Pending, pollFn } from "../../future/mod.ts";
import { Probe } from "../_probe.ts";

/** A probe that writes its polls and its drop into a log. */
export function traced(log: string[], name: string): Probe {
  const probe = new Probe(name);
  probe.onPoll = () => log.push(`poll ${name}`);
  probe.onDrop = () => log.push(`drop ${name}`);
  return probe;
}

/** A future that wakes itself at each poll, and ends when told to. */
export function busy(onPoll: () => "go on" | "stop"): Future<void> {
  return pollFn((cx) => {
    if (onPoll() === "stop") return;
    cx.waker.wake();
    return Pending;
  });
}
