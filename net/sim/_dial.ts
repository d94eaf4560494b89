import { platformError } from "../_deno.ts";
import type { Completion } from "../network.ts";
import type { SocketAddr } from "../socket_addr.ts";
import type { UnixAddr } from "../unix_addr.ts";
import { connect } from "./_connection.ts";
import type { End } from "./_end.ts";
import type { Fabric } from "./_fabric.ts";
import type { Link } from "./_link.ts";
import type { Line } from "./_listening.ts";

/** What a connection attempt finds at an address. */
export interface Route<E> {
  there: Link;
  back: Link;
  /** Makes the ends of a connection that goes there. */
  ends(): { near: E; far: E };
  /** Who listens there now. */
  listener(): Line<E> | null;
}

/** What an attempt needs of the host that it is made from. */
export interface Dialler<E extends { localAddr: unknown }> {
  /** What is connected to, for people. */
  readonly name: string;
  /** Finds the addresses to be tried: at least one. */
  find(
    found: (addresses: E["localAddr"][]) => void,
    failed: (error: Error) => void,
  ): void;
  route(to: E["localAddr"]): Route<E> | null;
  /** What is said where too many wait to be accepted; nothing: it tries again. */
  readonly onFull?: () => Error;
}

/** Linux sends the first message of a connection again after so long. */
const RETRY = 1000;

/** An attempt to connect: one address of the host's after another. */
export class Dial<A extends SocketAddr | UnixAddr, E extends End<A>> {
  readonly #fabric: Fabric;
  readonly #dialler: Dialler<E>;
  readonly #done: Completion<E>;
  readonly #timer: unknown;
  #addresses: E["localAddr"][] = [];
  #state: "under way" | "given up" | "settled" = "under way";
  #near: E | null = null;

  constructor(
    fabric: Fabric,
    dialler: Dialler<E>,
    patience: number,
    done: Completion<E>,
  ) {
    this.#fabric = fabric;
    this.#dialler = dialler;
    this.#done = done;
    fabric.operations++;
    this.#timer = fabric.platform.setTimer(
      patience,
      () =>
        this.#fail(
          platformError("TimedOut", "Connection timed out (os error 110)"),
        ),
    );
  }

  start(): void {
    this.#dialler.find(
      (addresses) => {
        if (this.#state !== "under way") return;
        this.#addresses = [...addresses];
        this.#next();
      },
      (error) => {
        if (this.#state === "under way") this.#fail(error);
      },
    );
  }

  #next(): void {
    const route = this.#dialler.route(this.#addresses.shift()!);
    if (route === null) return; // nobody there: no answer, until time is up
    const fault = route.there.dialFault();
    if (fault === "blackhole") {
      this.#fabric.note(() => `net   ${route.there.name} connect blackholed`);
      return;
    }
    this.#knock(route, fault);
  }

  #knock(
    route: Route<E>,
    fault: "refuse" | "accept then reset" | null,
  ): void {
    this.#travel(route.there, () => {
      if (this.#state !== "under way") return;
      const listener = route.listener();
      const { onFull } = this.#dialler;
      if (fault === "refuse" || listener === null) {
        this.#fabric.note(() => `net   ${route.there.name} connect refused`);
        this.#travel(route.back, () => this.#refused());
      } else if (!listener.isFull) {
        this.#meet(route, listener, fault !== null);
      } else if (onFull !== undefined) {
        this.#fail(onFull());
      } else {
        this.#fabric.after(RETRY, () => this.#knock(route, fault));
      }
    });
  }

  #meet(
    { ends, there, back }: Route<E>,
    listener: Line<E>,
    isReset: boolean,
  ): void {
    const { near, far } = ends();
    connect<A>(this.#fabric, near, far, there, back);
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
      return;
    }
    this.#fail(
      platformError(
        "ConnectionRefused",
        `Connection refused (os error 111): ${this.#dialler.name}`,
      ),
    );
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
      this.#fail(platformError("Interrupted", "operation canceled"));
    });
  }

  #fail(error: Error): void {
    if (this.#state === "settled") return;
    this.#settle();
    this.#near?.abandon(); // the other end is told
    this.#done.reject(error);
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
