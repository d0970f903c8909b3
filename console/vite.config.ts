import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compress } from "./scripts/compress.ts";

//: Address of the manager that `npm run dev` shows; see README.md.
const manager = process.env.BERTH_URL ?? "https://127.0.0.1:8443";

//: The definitions that a fresh instance holds, as `kind/id`.
const shipped = readdirSync(fileURLToPath(new URL("../src/berth/library", import.meta.url)))
  .flatMap((name) => /^(service|stack)-(.+)\.yml$/.exec(name)?.slice(1).join("/").toLowerCase() ?? []);

export default defineConfig({
  define: { SHIPPED_DEFINITIONS: JSON.stringify(shipped) },
  plugins: [react(), compress()],
  // The manager puts the nonce of each answer in the place of this mark.
  html: { cspNonce: "{{nonce}}" },
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../src/berth/console",
    emptyOutDir: true,
    target: "es2023",
    // Small files become requests of their own: `data:` addresses of scripts and styles are refused.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: "vendor", test: /node_modules\/(react|react-dom|scheduler|@tanstack)\// }],
        },
      },
    },
  },
  server: {
    port: 5173,
    proxy: {
      "/api": { target: manager, changeOrigin: true, secure: false, ws: true, headers: { origin: manager } },
      "/v1": { target: manager, changeOrigin: true, secure: false },
    },
  },
});
