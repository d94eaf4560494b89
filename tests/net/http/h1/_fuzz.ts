import {
  type Fields,
  H1Error,
  ResponseParser,
  type ResponseParserOptions,
} from "../../../../net/http/h1/mod.ts";
import { concat, latin1, text } from "./_bytes.ts";

import { AFTER_THE_END, INVALID, VALID } from "./_vectors.ts";
import { readResponse } from "./_reference.ts";
import { Random } from "./_random.ts";

// Valid ones weigh more: most changes spoil them.
const VECTORS = [...VALID, ...AFTER_THE_END];
const SEEDS = [...VECTORS, ...VECTORS, ...VECTORS, ...VECTORS, ...INVALID].map((
  { bytes, options },
) => ({ bytes: latin1(bytes), options: { method: "GET", ...options } }));

/** What is worth being put in where it does not belong. */
const WORDS = [
  "\r\n",
  "\r",
  "\n",
  "\0",
  " ",
  "\t",
  ":",
  ";",
  ",",
  "0",
  "\xff",
  "\r\n\r\n",
  "\r\n ",
  "0\r\n\r\n",
  "5\r\nhello\r\n",
  "A: b\r\n",
  "Content-Length: 5\r\n",
  "Content-Length: 6\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Connection: close\r\n",
  "HTTP/1.1 100 \r\n\r\n",
  "HTTP/1.1 200 OK\r\n",
].map(latin1);

const LIMITS: ResponseParserOptions["limits"][] = [
  undefined,
  undefined,
  undefined,
  {
    headBytes: 60,
    lineBytes: 30,
    fields: 2,
    informational: 1,
    chunkExtensionBytes: 4,
    trailerBytes: 16,
  },
];

/**
 * Parses `count` inputs that are valid responses, changed a little. Whole and cut
 * at random they have to say the same; and as long as no limit is in the way, what
 * is read is what another reader reads, which is slow and plain.
 *
 * @returns How many were read to their end.
 */
export function fuzz(count: number, seed: number): number {
  let complete = 0;
  const parser = new ResponseParser({ method: "GET" });
  for (let i = 0; i < count; i++) {
    const random = new Random(seed + i);
    const { bytes, options } = mutated(random);
    const limits = random.pick(LIMITS);
    const all = limits === undefined ? options : { ...options, limits };
    try {
      const whole = said(parser, all, [bytes]);
      const cut = said(parser, all, random.cut(bytes));
      if (whole !== cut) throw new Error(`whole: ${whole}\n  cut: ${cut}`);
      const isComplete = !whole.includes("error");
      if (isComplete) complete++;
      if (limits !== undefined) continue;
      const read = readResponse(text(bytes), options);
      const got = isComplete ? whole : null;
      if (read !== got) throw new Error(`read: ${read}\n said: ${whole}`);
    } catch (cause) {
      throw new Error(
        `Failed with seed ${seed + i}, on ${
          JSON.stringify(text(bytes))
        }\n${cause}`,
        { cause },
      );
    }
  }
  return complete;
}

function mutated(random: Random): (typeof SEEDS)[number] {
  let { bytes, options } = random.pick(SEEDS);
  for (let n = random.below(4); n >= 0; n--) {
    const at = random.below(bytes.length + 1);
    const to = Math.min(bytes.length, at + random.below(12));
    const before = bytes.subarray(0, at);
    const after = bytes.subarray(at);
    switch (random.below(7)) {
      case 0:
        bytes = concat([before, random.bytes(1), bytes.subarray(at + 1)]);
        break;
      case 1:
        bytes = concat([before, random.pick(WORDS), after]);
        break;
      case 2:
        bytes = concat([before, random.pick(WORDS), bytes.subarray(to)]);
        break;
      case 3:
        bytes = concat([before, bytes.subarray(to)]);
        break;
      case 4:
        bytes = concat([bytes.subarray(0, to), after]);
        break;
      case 5: {
        const other = random.pick(SEEDS).bytes;
        bytes = concat([before, other.subarray(random.below(other.length))]);
        break;
      }
      case 6:
        ({ options } = random.pick(SEEDS));
    }
  }
  return { bytes, options };
}

/** All that the parser says, in one line. */
function said(
  parser: ResponseParser,
  options: ResponseParserOptions,
  pieces: readonly Uint8Array[],
): string {
  parser.takeLeftover();
  parser.reset(options);
  let said = "";
  let data = "";
  const drain = (most: number) => {
    for (;;) {
      if (most-- < 0) throw new Error("More events than bytes");
      const event = parser.nextEvent();
      if (event === null) return;
      switch (event.type) {
        case "data":
          data += text(event.bytes);
          break;
        case "end":
          said += ` body ${JSON.stringify(data)} ${listed(event.trailers)}`;
          break;
        default:
          said += `${event.type} ${event.status} ${listed(event.fields)} `;
      }
    }
  };
  try {
    for (const piece of pieces) {
      parser.push(piece);
      drain(piece.length + 2);
    }
    parser.end();
    drain(2);
  } catch (error) {
    if (!(error instanceof H1Error)) throw error;
    if (error.offset > pieces.reduce((sum, each) => sum + each.length, 0)) {
      throw new Error("An error beyond the bytes");
    }
    return `${said} data ${
      JSON.stringify(data)
    } error ${error.code} at ${error.offset}`;
  }
  return `${said} left ${JSON.stringify(text(parser.takeLeftover()))}`;
}

function listed(fields: Fields | null): string {
  return JSON.stringify(fields);
}
