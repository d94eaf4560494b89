import { platformError } from "../_deno.ts";
import type { Completion, RawStream } from "../network.ts";
import { formatAddr, isIp, type SocketAddr } from "../socket_addr.ts";
import { connection } from "./_connection.ts";
import type { Answer } from "./_dns.ts";
import type { End } from "./_end.ts";
import type { Fabric } from "./_fabric.ts";
import type { Link } from "./_link.ts";
import type { Listening } from "./_listening.ts";

/** What a connection attempt finds at an address. */
export interface Route {
  there: Link;
  back: Link;
  /** This end of a connection that goes there. */
  from: SocketAddr;
  /** Who listens there now. */
  listener(): Listening<unknown> | null;
}

/** What an attempt needs of the host that it is made from. */
export interface Dialler {
  lookUp(hostname: string, done: (answer: Answer) => void): void;
  route(to: SocketAddr): Route | null;
}

/** Linux sends the first message of a connection again after so long. */
const RETRY = 1000;

/** An attempt to connect: one address of the host's after another. */
export class Dial {
  readonly #fabric: Fabric;
  readonly #dialler: Dialler;
  readonly #to: SocketAddr;
  readonly #done: Completion<RawStream>;
  readonly #timer: unknown;
  #addresses: string[] = [];
  #state: "under way" | "given up" | "settled" = "under way";
  #near: End | null = null;

  constructor(
    fabric: Fabric,
    dialler: Dialler,
    to: SocketAddr,
    patience: number,
    done: Completion<RawStream>,
  ) {
    this.#fabric = fabric;
    this.#dialler = dialler;
    this.#to = to;
    this.#done = done;
    fabric.operations++;
    this.#timer = fabric.platform.setTimer(
      patience,
      () => this.#fail("TimedOut", "Connection timed out (os error 110)"),
    );
  }

  start(): void {
    const { hostname } = this.#to;
    if (isIp(hostname)) {
      this.#addresses = [hostname];
      this.#next();
      return;
    }
    this.#dialler.lookUp(hostname, (answer) => {
      if (this.#state !== "under way") return;
      if ("failure" in answer || answer.addresses.length === 0) {
        const why = "failure" in answer && answer.failure === "EAI_AGAIN"
          ? "Temporary failure in name resolution"
          : "Name or service not known";
        this.#settle();
        this.#done.reject(
          new Error(`failed to lookup address information: ${why}`),
        );
        return;
      }
      this.#addresses = answer.addresses;
      this.#next();
    });
  }

  #next(): void {
    const hostname = this.#addresses.shift()!;
    const to = { hostname, port: this.#to.port };
    const route = this.#dialler.route(to);
    if (route === null) return; // nobody there: no answer, until time is up
    const fault = route.there.dialFault();
    if (fault === "blackhole") {
      this.#fabric.note(() => `net   ${route.there.name} connect blackholed`);
      return;
    }
    this.#knock(route, to, fault);
  }

  #knock(
    route: Route,
    to: SocketAddr,
    fault: "refuse" | "accept then reset" | null,
  ): void {
    this.#travel(route.there, () => {
      if (this.#state !== "under way") return;
      const listener = route.listener();
      if (fault === "refuse" || listener === null) {
        this.#fabric.note(() => `net   ${route.there.name} connect refused`);
        this.#travel(route.back, () => this.#refused());
      } else if (listener.isFull) {
        this.#fabric.after(RETRY, () => this.#knock(route, to, fault));
      } else {
        this.#meet(route, to, listener, fault !== null);
      }
    });
  }

  #meet(
    route: Route,
    to: SocketAddr,
    listener: Listening<unknown>,
    isReset: boolean,
  ): void {
    const { near, far } = connection(
      this.#fabric,
      route.from,
      to,
      route.there,
      route.back,
    );
    this.#near = near;
    near.onEstablished = () => this.#established();
    far.out.send({ kind: "established" });
    if (isReset) far.out.reset();
    listener.offer(far);
  }

  #established(): void {
    if (this.#state !== "under way") return;
    this.#settle();
    this.#near!.open();
    this.#done.resolve(this.#near!);
  }

  #refused(): void {
    if (this.#state === "under way" && this.#addresses.length > 0) {
      this.#next();
    } else {
      this.#fail(
        "ConnectionRefused",
        `Connection refused (os error 111): ${formatAddr(this.#to)}`,
      );
    }
  }

  /**
   * Nobody wants it any more. A connection that is about to be there may come
   * about all the same, as it does on the platform.
   */
  giveUp(): void {
    if (this.#state !== "under way") return;
    this.#state = "given up";
    this.#fabric.soon(() => {
      if (this.#state !== "given up") return;
      if (this.#near !== null && this.#fabric.random.chance(0.5)) {
        this.#state = "under way";
        this.#established();
        return;
      }
      this.#fail("Interrupted", "operation canceled");
    });
  }

  #fail(name: string, message: string): void {
    if (this.#state === "settled") return;
    this.#settle();
    this.#near?.abandon(); // the other end is told
    this.#done.reject(platformError(name, message));
  }

  #settle(): void {
    this.#state = "settled";
    this.#fabric.platform.clearTimer(this.#timer);
    this.#fabric.operations--;
  }

  /** A message of no size, over a link that may be held. */
  #travel(link: Link, arrived: () => void): void {
    if (link.isHeld) {
      link.onRelease(() => this.#travel(link, arrived));
      return;
    }
    this.#fabric.at(link.arrival(0), () => {
      if (link.isHeld) link.onRelease(arrived);
      else arrived();
    });
  }
}
