// PostGraphile 5 on the same database, as its documentation sets it up for production.
import { createServer } from "node:http";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const [address, connectionString] = process.argv.slice(2);
const [host, port] = address.split(":");

const preset = {
  extends: [PostGraphileAmberPreset],
  // Orders by columns that stand second in an index are wanted, too.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  pgServices: [makePgService({ connectionString, schemas: ["public"], poolConfig: { max: 8 } })],
  grafserv: { graphiql: false, watch: false, maxRequestLength: 262144 },
  grafast: { explain: false },
};

const instance = postgraphile(preset);
const serv = instance.createServ(grafserv);
const server = createServer();
await serv.addTo(server);
server.listen(Number(port), host, () => console.log("listening"));
