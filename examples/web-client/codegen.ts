import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../../schema.graphql",
  documents: "src/**/*.ts",
  generates: {
    "src/generated/": {
      preset: "client",
      presetConfig: {
        fragmentMasking: false,
        // The manifest is what an operator registers, so that the server takes no other document
        // of this client.
        persistedDocuments: { hashAlgorithm: "sha256" },
      },
      config: {
        documentMode: "string",
        emitLegacyCommonJSImports: false,
        importExtension: ".js",
        skipTypename: true,
        avoidOptionals: { field: true },
        enumsAsTypes: true,
        useTypeImports: true,
        // What the server may add must not break the build; what is read has a type.
        defaultScalarType: "unknown",
        scalars: { DateTime: "string", Date: "string", Fen: "string" },
      },
      plugins: [],
    },
  },
};

export default config;
