// Walks a list page by page, by its cursors.

interface Page {
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

export async function* pages<P extends Page>(fetchPage: (after: string | null) => Promise<P | null>): AsyncGenerator<P> {
  let after: string | null = null;
  for (;;) {
    const page: P | null = await fetchPage(after);
    // A null without an error: the viewer has no such list.
    if (!page) return;
    yield page;
    if (!page.pageInfo.hasNextPage) return;
    after = page.pageInfo.endCursor;
  }
}
