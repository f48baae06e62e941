import { defineConfig } from "vite";

export default defineConfig({
  // Every address is relative: a proxy may serve it all below a path of its own.
  base: "./",
  build: {
    target: "es2022",
    // Monaco is large by itself; it is served from the same machine.
    chunkSizeWarningLimit: 8000,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      onwarn(warning, warn) {
        // Packages mark what runs in a browser; here everything does.
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
      },
    },
  },
  worker: { format: "es" },
});
