import { expect, test } from "vitest";
import { isLoopback, joinCommand, quote } from "./join-command";

test("the command names what was chosen and nothing else", () => {
  const command = joinCommand({ manager: "https://berth.example.com:8443", token: "T", pool: "blue", name: "", tags: ["eu", "ssd"] });
  expect(command.replaceAll(/ \\\n +/g, " ")).toBe(
    "echo T | berth agent --data /var/lib/berth-agent --manager https://berth.example.com:8443 --join-file - --pool blue --tag eu --tag ssd",
  );
});

test("a word that a shell would take apart is quoted", () => {
  expect(quote("a b")).toBe("'a b'");
  expect(quote("it's; rm")).toBe(`'it'\\''s; rm'`);
  expect(quote("prod-01.example")).toBe("prod-01.example");
});

test("an address of the machine itself is told apart", () => {
  expect(isLoopback("http://127.0.0.1:9500")).toBe(true);
  expect(isLoopback("https://[::1]:8443")).toBe(true);
  expect(isLoopback("https://10.0.0.4:8443")).toBe(false);
  expect(isLoopback("no address")).toBe(false);
});
