import { assertEquals } from "@std/assert";
import { Events, type SimEvent } from "../../../executor/sim/_events.ts";
import { Random } from "../../../executor/sim/_random.ts";

Deno.test("events: they come by time and, at one time, in the order asked for; those taken back do not", () => {
  for (let seed = 0; seed < 30; seed++) {
    const random = new Random(seed);
    const events = new Events();
    let model: { due: number; order: number; name: number; event: SimEvent }[] =
      [];
    let last = -1;
    let names = 0;
    for (let step = 0; step < 400; step++) {
      const soonest = Math.min(Infinity, ...model.map((each) => each.due));
      assertEquals(events.due, soonest, `seed ${seed}`);
      const dice = random.below(10);
      if (dice < 5) {
        const name = names++;
        const due = random.below(8);
        const event = events.add(due, () => last = name);
        model.push({ due, order: name, name, event });
      } else if (dice < 7 && model.length > 0) {
        const [gone] = model.splice(random.below(model.length), 1);
        gone!.event.callback = null;
      } else if (model.length > 0) {
        model.sort((a, b) => a.due - b.due || a.order - b.order);
        events.take()();
        assertEquals(last, model.shift()!.name, `seed ${seed}`);
      }
    }
    events.clear();
    assertEquals(events.due, Infinity);
    model = [];
  }
});
