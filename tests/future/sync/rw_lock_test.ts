import { assertEquals, assertThrows } from "@std/assert";
import { GuardReleased, RwLock } from "../../../future/sync/mod.ts";
import { drop, park, take, wakes } from "./_tools.ts";

Deno.test("rwLock: many read, or one writes", () => {
  const lock = new RwLock(1);
  const readers = [take(lock.read()), take(lock.read()), lock.tryRead()!];
  assertEquals(readers.map((each) => each.value), [1, 1, 1]);
  assertEquals(lock.tryWrite(), null);
  const writer = park(lock.write());
  drop(readers[0]!);
  drop(readers[1]!);
  assertEquals(wakes(writer), [0]);
  drop(readers[2]!);
  assertEquals(wakes(writer), [1]);
  const guard = take(writer.future);
  assertEquals([lock.tryRead(), lock.tryWrite()], [null, null]);
  guard.value++;
  assertEquals(guard.value, 2);
  guard.release();
  assertEquals(lock.tryRead()?.value, 2);
});

Deno.test("rwLock: a reader that comes after a waiting writer waits behind it", () => {
  const lock = new RwLock(0);
  const first = take(lock.read());
  const writer = park(lock.write());
  const late = [park(lock.read()), park(lock.read())];
  const last = park(lock.write());
  assertEquals(lock.tryRead(), null);
  first.release();
  assertEquals(wakes(writer, ...late, last), [1, 0, 0, 0]);
  drop(take(writer.future));
  assertEquals(wakes(...late, last), [1, 1, 0], "readers go together");
  late.forEach(({ future }) => drop(take(future)));
  assertEquals(wakes(last), [1]);
});

Deno.test("rwLock: a writer that gives up lets the readers behind it in", () => {
  const lock = new RwLock(0);
  using _first = take(lock.read());
  const writer = park(lock.write());
  const reader = park(lock.read());
  drop(writer.future);
  assertEquals(wakes(reader), [1]);
  assertEquals(take(reader.future).value, 0);
});

Deno.test("rwLock: what was granted and dropped before its poll goes to the next", () => {
  const lock = new RwLock(0);
  const guard = take(lock.write());
  const [writer, reader] = [park(lock.write()), park(lock.read())];
  guard.release();
  drop(writer.future);
  assertEquals(wakes(writer, reader), [1, 1]);
  drop(reader.future);
  assertEquals(lock.tryWrite()?.value, 0);
});

Deno.test("rwLock: a writer that becomes a reader lets readers in, and no writer", () => {
  const lock = new RwLock("a");
  const guard = take(lock.write());
  const [reader, writer] = [park(lock.read()), park(lock.write())];
  guard.value = "b";
  const share = guard.downgrade();
  assertEquals(wakes(reader, writer), [1, 0]);
  assertEquals([share.value, take(reader.future).value], ["b", "b"]);
  drop(guard);
  drop(share);
  assertEquals(wakes(writer), [0], "one reader is left");
});

Deno.test("rwLock: guards that were given back are of no more use", () => {
  const lock = new RwLock(0);
  const read = lock.tryRead()!;
  read.release();
  drop(read);
  const gone = "it was already given back";
  const readGone = `RwLockReadGuard: ${gone}`;
  assertThrows(() => read.value, GuardReleased, `Cannot read ${readGone}`);
  assertThrows(
    () => read.release(),
    GuardReleased,
    `Cannot release ${readGone}`,
  );
  const write = lock.tryWrite()!;
  drop(write);
  drop(write);
  const writeGone = `RwLockWriteGuard: ${gone}`;
  assertThrows(() => write.value, GuardReleased, `Cannot read ${writeGone}`);
  assertThrows(() => write.value = 1, GuardReleased, writeGone);
  assertThrows(() => write.release(), GuardReleased, writeGone);
  assertThrows(
    () => write.downgrade(),
    GuardReleased,
    `Cannot downgrade ${writeGone}`,
  );
  assertEquals(lock.tryWrite()?.value, 0);
});
