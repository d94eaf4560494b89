import type { Context } from "../../../future/context.ts";
import { Pending, type Poll } from "../../../future/poll.ts";
import { Done } from "../../../future/stream/stream.ts";
import { IncompleteBody, LimitExceeded, ProtocolError } from "../errors.ts";
import type { ByteSource } from "./_gather.ts";
import { CONTENT_ENCODING } from "../h1/_names.ts";
import { type Fields, valueOf } from "../h1/fields.ts";
import { IncompleteCoding, Inflate } from "./_inflate.ts";
import { type Coding, hasLargeWindow } from "./_machine.ts";
import type { Limits } from "../options.ts";
import type { WireBody } from "./_response_body.ts";

/** What a client that decodes says that it can. */
export const ACCEPT_ENCODING = "gzip, deflate, br, zstd";

/** The ratio counts from here on: small bodies of one letter are no bombs. */
const RATIO_FROM = 1024 * 1024;

const CODINGS: Record<string, Coding> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
  br: "br",
  zstd: "zstd",
};

/**
 * The codings of a body, the outermost last; null if one is not known, since
 * then none can be undone.
 */
function codingsOf(said: string): Coding[] | null {
  const codings: Coding[] = [];
  for (const name of said.split(",")) {
    const known = name.trim().toLowerCase();
    if (known === "" || known === "identity") continue;
    const coding = CODINGS[known];
    if (coding === undefined) return null;
    codings.push(coding);
  }
  return codings;
}

/**
 * The body with its content codings undone (RFC 9110 section 8.4); as it is if
 * there is none, or one that is not known.
 *
 * @throws {LimitExceeded} If there are more layers than allowed.
 */
export function decoded(
  wire: WireBody,
  fields: Fields,
  limits: Required<Limits>,
): ByteSource {
  const said = valueOf(fields, CONTENT_ENCODING);
  if (said === null) return bounded(wire, limits);
  const layers = said.split(",").length;
  if (layers > limits.codings) {
    throw new LimitExceeded(
      `Cannot decode the body: it has ${layers} layers of coding, and limits.codings is ${limits.codings}`,
      wire.describe("limits.codings"),
    );
  }
  const codings = codingsOf(said);
  if (codings === null || codings.length === 0) return bounded(wire, limits);
  return new Decoded(wire, codings, limits);
}

/** What is not coded is held to the limit as well: it is what a program gets. */
function bounded(wire: WireBody, limits: Required<Limits>): ByteSource {
  const isBounded = limits.decodedBytes < Infinity;
  return isBounded ? new Decoded(wire, [], limits) : wire;
}

/** Passes on what comes out of a coding, and has its bytes counted. */
class Counted implements ByteSource {
  readonly #source: ByteSource;
  readonly #check: (given: number) => void;
  #given = 0;

  constructor(source: ByteSource, check: (given: number) => void) {
    this.#source = source;
    this.#check = check;
  }

  readonly expected = 0;
  readonly ahead = 0;

  takeWhole(): null {
    return null;
  }

  keep(): boolean {
    return this.#source.keep();
  }

  poll(cx: Context): Poll<Uint8Array | Done> {
    const bytes = this.#source.poll(cx);
    if (bytes !== Pending && bytes !== Done) {
      this.#given += bytes.byteLength;
      this.#check(this.#given);
    }
    return bytes;
  }

  drop(): void {
    this.#source.drop();
  }
}

/**
 * Holds what comes out of each coding to the limits: an inner one that makes
 * little of much would hide how large an outer one has become.
 */
class Decoded implements ByteSource {
  readonly #wire: WireBody;
  readonly #source: ByteSource;
  readonly #limits: Required<Limits>;

  constructor(wire: WireBody, codings: Coding[], limits: Required<Limits>) {
    this.#wire = wire;
    this.#limits = limits;
    const windows = codings.filter(hasLargeWindow).length;
    let source: ByteSource = wire;
    for (const coding of codings.reverse()) {
      source = new Counted(
        new Inflate(source, coding, windows),
        (given) => this.#checkRatio(given),
      );
    }
    this.#source = new Counted(source, (given) => this.#checkSize(given));
  }

  readonly expected = 0;
  readonly ahead = 0;

  takeWhole(): null {
    return null;
  }

  keep(): boolean {
    return this.#source.keep();
  }

  poll(cx: Context): Poll<Uint8Array | Done> {
    this.#wire.check();
    try {
      return this.#source.poll(cx);
    } catch (error) {
      throw this.#fail(this.#explain(error));
    }
  }

  #checkSize(given: number): void {
    const { decodedBytes } = this.#limits;
    if (given <= decodedBytes) return;
    throw new LimitExceeded(
      `Cannot read the body: it has more than limits.decodedBytes, ${decodedBytes} bytes`,
      this.#wire.describe("limits.decodedBytes"),
    );
  }

  #checkRatio(given: number): void {
    const { decodedRatio } = this.#limits;
    if (given <= RATIO_FROM || given <= this.#wire.received * decodedRatio) {
      return;
    }
    throw new LimitExceeded(
      `Cannot decode the body: it unfolds to more than ${decodedRatio} times its size, limits.decodedRatio`,
      this.#wire.describe("limits.decodedRatio"),
    );
  }

  /** What zlib throws says what is wrong with the data, in its own words. */
  #explain(error: unknown): unknown {
    // What is not the coding's: what the wire has failed with, it says itself.
    if (error instanceof LimitExceeded) return error;
    const options = { ...this.#wire.describe(""), cause: error };
    return error instanceof IncompleteCoding
      ? new IncompleteBody(
        "Cannot decode the body: its coding ends before its end",
        options,
      )
      : new ProtocolError(
        "Cannot decode the body: it is not what content-encoding says",
        options,
      );
  }

  #fail(error: unknown): unknown {
    const failure = this.#wire.fail(error); // first: it closes the connection
    this.#source.drop();
    return failure;
  }

  drop(): void {
    this.#source.drop();
  }
}
