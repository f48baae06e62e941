// node open.js CHROMIUM ADDRESS own|graphiql
// Opens the explorer, asks something as two of the demo's users, and prints as JSON what came back,
// what the page complained of and which other hosts it spoke to.

import { chromium } from "playwright-core";

const [executablePath, address, kind] = process.argv.slice(2);
const answers = {};
const faults = [];
const foreign = new Set();

// Our own page: a document typed into it, and the answer as text.
async function own(page) {
  for (const user of ["district", "member"]) {
    await page.getByLabel("user").selectOption(user);
    await page.getByLabel("query").fill("{ viewer { role enterprise { name } } }");
    const answered = page.waitForResponse((response) => response.request().postData()?.includes("enterprise"));
    await page.getByRole("button", { name: "Run" }).click();
    await answered;
    await page.waitForFunction(() => document.querySelector("#result")?.textContent?.includes("viewer"));
    answers[user] = JSON.parse(await page.locator("#result").textContent()).data.viewer;
    await page.evaluate(() => document.querySelector("#result")?.replaceChildren());
  }
}

// GraphiQL: an example of the user, and the answer as its editor shows it.
async function graphiql(page) {
  const shown = page.locator(".graphiql-response .view-lines");
  for (const [user, example, field] of [
    ["district", "全区数据 Headline figures", "headlineStatistics"],
    ["member", "我的诉求 My issues", "viewer"],
  ]) {
    await page.getByLabel("user").selectOption(user);
    await page.getByLabel("example").selectOption(example);
    const answered = page.waitForResponse((response) => response.request().postData()?.includes(field));
    await page.getByRole("button", { name: "Execute query" }).click();
    const told = await (await answered).json();
    await shown.getByText(`"${field}"`).waitFor();
    answers[user] = { told, shown: JSON.parse((await shown.innerText()).replaceAll("\u00a0", " ")) };
  }
  // The schema is read and browsable.
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  const roots = page.locator(".graphiql-doc-explorer a").filter({ hasText: /^(Query|Mutation|Subscription)$/ });
  // The schema comes when it comes.
  await roots.nth(2).waitFor();
  answers.roots = await roots.allInnerTexts();
}

const browser = await chromium.launch({ executablePath, timeout: 120_000 });
try {
  const page = await browser.newPage({ locale: "zh-CN", viewport: { width: 1400, height: 1800 } });
  page.setDefaultTimeout(60_000);
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (origin !== address && !["data:", "blob:"].includes(protocol)) foreign.add(origin);
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  await page.goto(`${address}/graphiql`);
  await { own, graphiql }[kind](page);
} finally {
  await browser.close();
}
console.log(JSON.stringify({ answers, faults, foreign: [...foreign] }));
