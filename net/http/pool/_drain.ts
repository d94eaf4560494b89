import { Pending } from "../../../future/poll.ts";
import type { Connection } from "./_connection.ts";

/**
 * Reads on in a body that nobody wants, as far as it has come, and decodes
 * nothing of it.
 *
 * @returns `"whole"` when the response has ended, `"more"` when it will go on
 * at the connection's next wake; else why there is no going on.
 */
export function drainSome(connection: Connection): string {
  const { parser, transport } = connection;
  const cx = connection.drainContext;
  try {
    for (;;) {
      const event = parser.nextEvent();
      if (event === null) {
        transport.consume(connection.pushed);
        connection.pushed = 0;
        const bytes = transport.pollFillBuf(cx);
        if (bytes === Pending) return "more";
        if (bytes === null) return "the server closed it";
        connection.toDrain -= bytes.byteLength;
        if (connection.toDrain < 0) return "the rest of a body was too long";
        parser.push(bytes);
        connection.pushed = bytes.byteLength;
      } else if (event.type === "end") {
        if (parser.leftover > 0) return "the server sent more than a response";
        transport.consume(connection.pushed);
        connection.pushed = 0;
        return "whole";
      }
    }
  } catch {
    return "the rest of a body was broken";
  }
}
