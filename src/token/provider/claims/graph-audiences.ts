/** The audiences of Microsoft Graph: only Graph can verify its tokens. */
export const GRAPH_AUDIENCES: readonly unknown[] = [
  '00000003-0000-0000-c000-000000000000',
  'https://graph.microsoft.com',
  'https://graph.microsoft.com/',
]
