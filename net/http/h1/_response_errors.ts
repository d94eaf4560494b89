import { H1Error, H1Incomplete, H1LimitExceeded } from "./errors.ts";

// What is wrong with a response as a whole, in words.

const FINAL = "a final response";

export function unrequestedUpgrade(offset: number): H1Error {
  return new H1Error(
    "Cannot read the head: the server switches protocols, which was not asked for",
    { code: "unrequested-upgrade", expected: FINAL, offset },
  );
}

export function tooManyInformational(max: number, offset: number): H1Error {
  return new H1LimitExceeded(
    `Cannot read the head: there are more than ${max} interim responses before it`,
    { code: "too-many-informational", expected: FINAL, offset },
  );
}

export function informationalTooLarge(max: number, offset: number): H1Error {
  return new H1LimitExceeded(
    `Cannot read the head: the interim responses before it have more than ${max} bytes`,
    { code: "informational-too-large", expected: FINAL, offset },
  );
}

export function incompleteHead(offset: number): H1Incomplete {
  const isNothing = offset === 0;
  return new H1Incomplete(
    isNothing
      ? "Cannot read the head: the connection ended before the first byte"
      : "Cannot read the head: the connection ended before its end",
    {
      code: isNothing ? "no-response" : "incomplete-head",
      expected: isNothing ? "a response" : "an empty line",
      offset,
      missing: null,
    },
  );
}

export function incompleteBody(missing: number, offset: number): H1Incomplete {
  return new H1Incomplete(
    `Cannot complete the body: the connection ended ${missing} byte${
      missing === 1 ? "" : "s"
    } before its end`,
    {
      code: "incomplete-body",
      expected: "the rest of the body",
      offset,
      missing,
    },
  );
}
