/** A word that stands for a value of one's own in InfluxData's documents, in ours too, and what is to be written instead. */
export interface Placeholder {
  readonly name: string
  readonly stands: string
}

/** The placeholders in a value that was copied from a document and not filled in, in the order of the table. */
export function placeholdersIn(value: string): readonly Placeholder[] {
  const words = new Set(value.match(/[A-Za-z0-9_]+/g) ?? [])
  return PLACEHOLDERS.filter(({ name }) => words.has(name))
}

/** What is wrong with such a value, in words; undefined if nothing is. */
export function placeholderProblem(value: string): string | undefined {
  const found = placeholdersIn(value)
  if (found.length === 0) return undefined
  const each = found.map(({ name, stands }) => `in place of ${name} write ${stands}`)
  return `it is an example that was not filled in: ${each.join(', and ')}`
}

const PLACEHOLDERS: readonly Placeholder[] = Object.entries({
  KEYCLOAK_HOST: 'the host (and port) of your Keycloak server',
  KEYCLOAK_REALM: 'the name of your realm in Keycloak',
  KEYCLOAK_USER_ID: "the user's ID in Keycloak",
  KEYCLOAK_USERNAME: "the user's name in Keycloak",
  KEYCLOAK_CLIENT_ID: "the client's ID in Keycloak",
  AUTH0_HOST: 'your domain at Auth0',
  AUTH0_USER_ID: "the user's user_id at Auth0",
  AUTH0_CLIENT_ID: "the application's Client ID at Auth0",
  AUTH0_CLIENT_SECRET: "the application's Client Secret at Auth0",
  AZURE_TENANT_ID: 'the Directory (tenant) ID in Microsoft Entra ID',
  AZURE_USER_ID: "the user's Object ID in Microsoft Entra ID",
  AZURE_CLIENT_ID: 'the Application (client) ID in Microsoft Entra ID',
  TENANT_ID: 'the Directory (tenant) ID in Microsoft Entra ID',
  PUBLIC_HOST: 'the host name that browsers know the provider by',
}).map(([name, stands]) => ({ name, stands }))
