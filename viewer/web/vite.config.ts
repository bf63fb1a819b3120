import { defineConfig } from "vite";

// Relative addresses, so that the folder works from any file server and below any path.
export default defineConfig({
  base: "./",
  // The licences of the bundled libraries ask that their notices come along.
  build: { license: { fileName: "assets/licenses.md" }, target: "es2022", outDir: "dist", emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
