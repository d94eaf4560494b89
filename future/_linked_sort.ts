/** A link of a list that goes through its members. */
export interface Link<L> {
  readonly index: number;
  next: L | null;
}

/**
 * Sorts a list by index, in place: runs that are in order are merged, two by two,
 * until one is left. It allocates nothing, and takes a look at each where all are
 * in order, as they are as a rule.
 */
export function sortLinks<L extends Link<L>>(head: L): L {
  for (;;) {
    let rest: L | null = head;
    let last: L | null = null;
    while (rest !== null) {
      const first: L = rest;
      const firstEnd: L = endOfRun(first);
      const second: L | null = firstEnd.next;
      if (second === null) {
        if (last === null) return first;
        last.next = first;
        break;
      }
      const secondEnd = endOfRun(second);
      rest = secondEnd.next;
      firstEnd.next = null;
      secondEnd.next = null;
      const merged = merge(first, second);
      if (last === null) head = merged;
      else last.next = merged;
      last = firstEnd.index > secondEnd.index ? firstEnd : secondEnd;
    }
  }
}

function endOfRun<L extends Link<L>>(head: L): L {
  let end = head;
  for (let next = end.next; next !== null; next = end.next) {
    if (next.index < end.index) break;
    end = next;
  }
  return end;
}

/** Brings two runs together. */
function merge<L extends Link<L>>(a: L, b: L): L {
  const head = a.index < b.index ? a : b;
  let at = head;
  let other: L | null = head === a ? b : a;
  while (other !== null) {
    // Follows the one as long as it is ahead, then goes over to the other.
    while (at.next !== null && at.next.index < other.index) at = at.next;
    const rest: L | null = at.next;
    at.next = other;
    at = other;
    other = rest;
  }
  return head;
}
