// The suites that all connections of bytes and all listeners pass, over Unix
// sockets, with the three grants that these need and no other.
import { assert, assertEquals, assertMatch } from "@std/assert";

Deno.test({
  name: "unix: the suites of streams and listeners hold, with no other grants",
  ignore: Deno.build.os === "windows",
  async fn() {
    const dir = await Deno.makeTempDir();
    const path = `${dir}/s.sock`;
    try {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          "test",
          "--no-check",
          "--no-lock",
          "--no-prompt",
          `--allow-read=${path}`,
          `--allow-write=${path}`,
          `--allow-net=unix:${path}`,
          new URL("_unix_suites_child.ts", import.meta.url).href,
          "--",
          path,
        ],
        env: { NO_COLOR: "1" },
      }).output();
      const decoder = new TextDecoder();
      const text = decoder.decode(stdout);
      assertEquals(code, 0, text + decoder.decode(stderr));
      assertMatch(text, /ok \| \d+ passed \| 0 failed/);
      const passed = text.match(/^unix: .* \.\.\. ok/gm)!.length;
      // Without the resets, which only Linux has.
      assert(passed >= 30, `only ${passed} tests ran:\n${text}`);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
});
