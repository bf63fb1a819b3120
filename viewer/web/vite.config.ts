import { defineConfig } from "vite";

// Relative addresses, so that the folder works from any file server and below any path.
export default defineConfig({
  base: "./",
  build: { target: "es2022", outDir: "dist", emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
