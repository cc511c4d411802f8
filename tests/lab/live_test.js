/* What live.js does apart from the browser: newest only, brushed years, toggled places, specs that changed. */
import { brushed, changed, Newest, toggled } from "../../tylib/lab/live.js";

function equal(found, expected) {
  const [left, right] = [found, expected].map((value) => JSON.stringify(value));
  if (left !== right) throw new Error(`found ${left}, expected ${right}`);
}

Deno.test("of what arrives while one is worked on only the newest is worked on next", async () => {
  const done = [];
  let release;
  const gate = new Promise((resolve) => (release = resolve));
  const queue = new Newest(async (item) => {
    if (item === 1) await gate;
    done.push(item);
  });
  const first = queue.push(1);
  for (const item of [2, 3, 4]) queue.push(item);
  release();
  await first;
  equal(done, [1, 4]);
});

Deno.test("the last one is never lost, whenever it comes", async () => {
  const done = [];
  const queue = new Newest(async (item) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    done.push(item);
  });
  for (let item = 0; item < 50; item++) {
    queue.push(item);
    if (item % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  equal(done.at(-1), 49);
  equal(done, [...done].sort((one, other) => one - other));
});

Deno.test("work that fails leaves the queue open", async () => {
  const done = [];
  const queue = new Newest((item) => {
    if (item === "bad") throw new Error(item);
    done.push(item);
  });
  await queue.push("bad").catch(() => {});
  await queue.push("good");
  equal(done, ["good"]);
});

Deno.test("a brush becomes whole years inside the axis", () => {
  equal(brushed([2024.57, 2036], [2023, 2024, 2030]), [2025, 2030]);
  equal(brushed([2027.2, 2019.8], [2023, 2030]), [2023, 2027]);
  equal(brushed([], [2023, 2030]), null);
  equal(brushed(undefined, [2023, 2030]), null);
});

Deno.test("a place is taken in and out", () => {
  equal(toggled(["a"], "b"), ["a", "b"]);
  equal(toggled(["a", "b"], "a"), ["b"]);
});

Deno.test("only a spec that is another one is drawn again", () => {
  const before = { fan: { height: 1 }, tiles: { height: 2 }, gone: {} };
  const after = { fan: { height: 1 }, tiles: { height: 3 }, made: {} };
  equal(changed(before, after), { made: ["tiles", "made"], gone: ["gone"] });
});
