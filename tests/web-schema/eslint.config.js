// What the schema keeps to. An exception stands here with its reason or not at all.

import graphql from "@graphql-eslint/eslint-plugin";

const { rules: recommended } = graphql.configs["flat/schema-recommended"];
const { rules: relay } = graphql.configs["flat/schema-relay"];

export default [
  {
    files: ["**/*.graphql"],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: "schema.graphql" } },
    },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...recommended,
      ...relay,
      "@graphql-eslint/input-name": ["error", { checkInputType: true, caseSensitiveInputType: false }],
      "@graphql-eslint/no-scalar-result-type-on-mutation": "error",
      "@graphql-eslint/require-nullable-result-in-root": "error",
      // Connections carry `nodes` beside `edges`, and lists that are short by rule are plain.
      "@graphql-eslint/relay-edge-types": ["error", { withEdgeSuffix: true, listTypeCanWrapOnlyEdgeType: false }],
      "@graphql-eslint/strict-id-in-types": [
        "error",
        {
          exceptions: {
            // A page, a place in it and an answer are no things that one could ask for again.
            suffixes: ["Connection", "Edge", "Payload"],
            types: [
              "PageInfo", // as above
              "UserError", // part of an answer
              "UserErrorParam", // part of an answer
              "DuplicateCheck", // an answer, computed
              "ErrorCatalogueEntry", // a line of a table in code; its code is its name
              "Figure", // computed for a day, kept nowhere
              "DeadlineDay", // a day of an explanation, computed
              "HeadlineStatistics", // computed for a day, kept nowhere
              "IssueStateCount", // counted when asked, kept nowhere; its state names what it counts
              "IssueFigure", // counted when asked, kept nowhere; its key names what it counts
              "IssueRate", // computed from two figures, kept nowhere
              "IssueStatistics", // counted when asked, kept nowhere
              "HelperMatch", // computed when asked, kept nowhere; its enterprise has the id
              "HelperReason", // part of a match, computed
              "SimilarIssue", // computed when asked, kept nowhere; its issue has the id
              "RateLimit", // what the caller has left, kept nowhere
              "LeadCriteria", // a part of the policy's revision, which has the id
              "Viewer", // the request's own; the user in it has the id
            ],
          },
        },
      ],
      // Everything that has a name says what it is; but the arguments of the directives that the
      // GraphQL specification itself defines have no place for a description in our code.
      "@graphql-eslint/require-description": [
        "error",
        {
          types: true,
          rootField: true,
          DirectiveDefinition: true,
          EnumValueDefinition: true,
          FieldDefinition: true,
          InputValueDefinition: true,
          ignoredSelectors: ["DirectiveDefinition[name.value=/^(include|skip|specifiedBy)$/] InputValueDefinition"],
        },
      ],
    },
  },
];
