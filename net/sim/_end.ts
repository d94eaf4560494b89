import { platformError } from "../_deno.ts";
import type { Completion, RawSocket } from "../network.ts";
import type { SocketAddr } from "../socket_addr.ts";
import type { UnixAddr } from "../unix_addr.ts";
import type { Fabric } from "./_fabric.ts";
import type { Pipe, Segment, Target } from "./_pipe.ts";

/** An end of a connection of any kind. */
export type AnyEnd = End<SocketAddr | UnixAddr>;

/**
 * One end of a simulated connection. What it answers, and in which order, is
 * what the operating system and the platform have been measured to answer; the
 * canary tests over real sockets hold both to it.
 */
export class End<A extends SocketAddr | UnixAddr>
  implements RawSocket<A>, Target {
  readonly localAddr: A;
  readonly remoteAddr: A;
  readonly #fabric: Fabric;
  /** Towards the peer; set when the connection is made. */
  out!: Pipe;
  /** From the peer. */
  in!: Pipe;
  peer!: End<A>;

  #inbox: Uint8Array[] = [];
  #hasEnded = false;
  /** What a reset still has to say: once, to whoever asks first. */
  #error: "ConnectionReset" | "BrokenPipe" | null = null;
  #state: "open" | "reset" | "closed" = "open";
  #isShut = false;
  #saysGoodbye = false;
  #wasToldGoodbye = false;
  /** Written, and not read by the peer. */
  #unread = 0;
  #reading: { into: Uint8Array; done: Completion<number | null> } | null = null;
  #writing: { bytes: Uint8Array; done: Completion<number> } | null = null;
  #shutting: Completion<void> | null = null;
  /** Called once, when the connection is there. */
  onEstablished: (() => void) | null = null;

  constructor(fabric: Fabric, local: A, remote: A) {
    this.#fabric = fabric;
    this.localAddr = local;
    this.remoteAddr = remote;
  }

  protected get fabric(): Fabric {
    return this.#fabric;
  }

  /** Whether bytes have come that nobody has read. */
  protected get hasUnread(): boolean {
    return this.#inbox.length > 0;
  }

  get isReset(): boolean {
    return this.#state === "reset";
  }

  read(into: Uint8Array, done: Completion<number | null>): void {
    if (this.#isClosed(done)) return;
    if (this.#reading !== null) throw busy("read");
    this.#fabric.operations++;
    this.#reading = { into, done };
    this.#fabric.soon(this.#read);
  }

  #read = (): void => {
    const reading = this.#reading;
    if (reading === null) return;
    const { into, done } = reading;
    if (this.#inbox.length > 0) {
      const most = Math.min(into.byteLength, this.in.link.drawChunk());
      const n = this.#copy(into.subarray(0, most));
      this.#reading = null;
      this.#fabric.operations--;
      this.peer.lost(n);
      done.resolve(n);
    } else if (this.#hasEnded) {
      this.#endRead(reading);
    } else if (this.#state === "reset") {
      const name = this.#error;
      this.#error = null;
      if (name === null) return this.#endRead(reading);
      this.#reading = null;
      this.#reject(done, name);
    }
  };

  #endRead({ done }: { done: Completion<number | null> }): void {
    this.#reading = null;
    this.#fabric.operations--;
    done.resolve(null);
  }

  #copy(into: Uint8Array): number {
    let n = 0;
    while (n < into.byteLength && this.#inbox.length > 0) {
      const first = this.#inbox[0]!;
      const part = first.subarray(0, into.byteLength - n);
      into.set(part, n);
      n += part.byteLength;
      if (part.byteLength === first.byteLength) this.#inbox.shift();
      else this.#inbox[0] = first.subarray(part.byteLength);
    }
    return n;
  }

  write(bytes: Uint8Array, done: Completion<number>): void {
    if (this.#isClosed(done)) return;
    if (this.#writing !== null) throw busy("write");
    this.#fabric.operations++;
    this.#writing = { bytes, done };
    this.#fabric.soon(this.#write);
  }

  #write = (): void => {
    const writing = this.#writing;
    if (writing === null) return;
    const { bytes, done } = writing;
    if (this.#state === "reset" || this.#isShut) {
      const name = this.#error ?? "BrokenPipe";
      this.#error = null;
      this.#writing = null;
      this.#reject(done, name);
      this.#shutDown();
      return;
    }
    const { link } = this.out;
    const room = link.bufferSize - this.#unread;
    if (room <= 0) return; // until the peer reads
    const n = Math.min(bytes.byteLength, room, link.drawChunk());
    this.#writing = null;
    this.#unread += n;
    this.out.send({ kind: "data", bytes: bytes.slice(0, n) });
    this.#fabric.operations--;
    done.resolve(n);
    this.#shutDown();
  };

  /** Bytes have gone that were counted as on their way: there is room again. */
  lost(n: number): void {
    this.#unread -= n;
    if (this.#writing !== null) this.#fabric.soon(this.#write);
  }

  closeWrite(done: Completion<void>): void {
    if (this.#isClosed(done)) return;
    this.#fabric.operations++;
    this.#shutting = done;
    this.#fabric.soon(() => this.#shutDown());
  }

  /** Ends the stream towards the peer, unless a write is stuck before it. */
  #shutDown(): void {
    const done = this.#shutting;
    if (done === null || this.#writing !== null) return;
    this.#shutting = null;
    if (this.#state === "reset") {
      this.#reject(done, "NotConnected");
      return;
    }
    this.#end();
    this.#fabric.operations--;
    done.resolve();
  }

  #end(): void {
    if (this.#isShut) return;
    this.#isShut = true;
    this.out.send({ kind: "end", isAnnounced: this.#saysGoodbye });
  }

  /** The end of this side, when it comes, is announced: a TLS close_notify. */
  sayGoodbye(): void {
    this.#saysGoodbye = true;
  }

  /** Whether the end of the other side was announced. */
  get wasToldGoodbye(): boolean {
    return this.#wasToldGoodbye;
  }

  /** It is given to somebody, who closes it. */
  open(): void {
    this.#fabric.open++;
  }

  close(): void {
    if (this.#state === "closed") {
      throw platformError("BadResource", "Bad resource ID");
    }
    this.#fabric.open--;
    this.#interrupt(this.#reading?.done);
    this.#interrupt(this.#writing?.done);
    this.#interrupt(this.#shutting);
    this.#reading = this.#writing = this.#shutting = null;
    if (this.#state === "open") this.part();
    this.#state = "closed";
    this.#inbox = [];
  }

  /** What the other end is told when this one is closed. */
  protected part(): void {
    this.#end();
  }

  /** Nobody will ever take it: the peer is told so. */
  abandon(): void {
    if (this.#state !== "open") return;
    this.#state = "closed";
    this.out.sendReset();
  }

  receive(segment: Segment): void {
    switch (segment.kind) {
      case "established":
        this.onEstablished?.();
        return;
      case "data":
        if (this.#state === "closed") this.out.sendReset();
        else this.#inbox.push(segment.bytes);
        break;
      case "end":
        this.#hasEnded = true;
        this.#wasToldGoodbye = segment.isAnnounced;
        break;
      case "reset":
        if (this.#state !== "open") return;
        this.#state = "reset";
        // Linux: an end of the stream that was seen before makes it EPIPE.
        this.#error = this.#hasEnded ? "BrokenPipe" : "ConnectionReset";
        this.out.sendReset();
        // Which of the two learns of it is the platform's to say.
        if (this.#fabric.random.chance(0.5)) {
          this.#fabric.soon(this.#write);
          this.#fabric.soon(this.#read);
          return;
        }
        this.#fabric.soon(this.#read);
        this.#fabric.soon(this.#write);
        return;
    }
    if (this.#reading !== null) this.#fabric.soon(this.#read);
  }

  #isClosed(done: Completion<never>): boolean {
    if (this.#state !== "closed") return false;
    this.#fabric.operations++;
    this.#rejectSoon(done, "BadResource");
    return true;
  }

  #interrupt(done: Completion<never> | null | undefined): void {
    if (done) this.#rejectSoon(done, "Interrupted");
  }

  /** Fails an operation, soon: not from inside of a call. */
  #rejectSoon(done: Completion<never>, name: string): void {
    this.#fabric.soon(() => this.#reject(done, name));
  }

  /**
   * Fails an operation. Of two that a reset has failed, that one hears of it
   * first which was told the reason: were it the other way round, an end of the
   * stream would be taken for a clean one.
   */
  #reject(done: Completion<never>, name: string): void {
    this.#fabric.operations--;
    done.reject(platformError(name, WORDS[name] ?? name));
  }
}

/** What the platform says, as it says it on Linux. */
const WORDS: Record<string, string> = {
  ConnectionReset: "Connection reset by peer (os error 104)",
  BrokenPipe: "Broken pipe (os error 32)",
  NotConnected: "Transport endpoint is not connected (os error 107)",
  BadResource: "Bad resource ID",
  Interrupted: "operation canceled",
};

function busy(what: string): Error {
  return new Error(`Cannot ${what}: another ${what} is under way`);
}
