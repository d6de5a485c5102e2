import { isDeepStrictEqual } from 'node:util'
import { placeholderProblem } from '../../text/placeholder.js'
import { shown } from '../../text/printable.js'
import { type Config, camelCase } from '../config.js'
import { check } from '../kinds/kind.js'
import type { Rule } from '../rule.js'
import { OIDC } from '../sections/oidc-section.js'
import type { Key } from '../sections/section-key.js'
import type { KeyId } from '../sections/sections.js'
import { usualSubjectClaim } from './subject-claim.js'

const KEYS: readonly [string, Key][] = Object.entries(OIDC.keys)
const IDS = KEYS.map(([name]) => `oidc.${name}` as KeyId)
const URLS = ['jwks-endpoint', 'issuer'] as const
const LISTS = ['admins', 'auditors', 'members'] as const

/** What about the identity provider makes a configuration invalid although every value is right by itself. */
export const OIDC_ERRORS: readonly Rule[] = [
  {
    about: ['oidc.provider'],
    isBroken: ({ oidc }) => oidc.provider !== 'azure' && /^azure$/i.test(oidc.provider),
    says: '[oidc] provider must be written "azure", in lower case, for Microsoft Entra ID',
  },
  {
    about: IDS,
    isBroken: (config) => !hasProvider(config) && changedNames(config).length > 0,
    says: (config) =>
      `[oidc] ${listed(changedNames(config))} cannot be used without the provider's keys: set [oidc] jwks-endpoint or issuer, or jwksEndpoint in the file`,
  },
  {
    about: ['oidc.client-id', 'oidc.audience', 'oidc.jwks-endpoint', 'oidc.issuer'],
    isBroken: (config) => isForAnybody(config) && !isDocumented(config),
    says: '[oidc] needs client-id (KAPACITOR_OIDC_CLIENT_ID) or audience (KAPACITOR_OIDC_AUDIENCE): otherwise any application of the provider could be used to sign in here',
  },
  {
    about: LISTS.map((name) => `oidc.${name}` as const),
    isBroken: ({ oidc }) => listedTwice(oidc) !== undefined,
    says: ({ oidc }) =>
      `[oidc] admins, auditors and members: ${shown(listedTwice(oidc))} must be in one of them only`,
  },
  {
    about: ['oidc.group-roles', 'oidc.groups-claim'],
    isBroken: ({ oidc }) => oidc.groupRoles.length > 0 && oidc.groupsClaim === '',
    says: '[oidc] group-roles needs [oidc] groups-claim, the claim that holds the groups',
  },
]

/** What is allowed, but should not go unnoticed. */
export const OIDC_WARNINGS: readonly Rule[] = [
  // They do no harm: nobody has such an id, and no server such a name. So a document's example is taken as printed
  ...URLS.map((name): Rule => exampleRule(name, ({ oidc }) => [oidc[camelCase(name) as 'issuer']])),
  ...LISTS.map((name): Rule => exampleRule(name, ({ oidc }) => oidc[name])),
  exampleRule('client-id', ({ oidc }) => oidc.clientId),
  {
    about: ['oidc.jwks-endpoint'],
    isBroken: (config) => isForAnybody(config) && isDocumented(config),
    says: 'Tokens of any application of the identity provider are accepted; set [oidc] client-id or audience (in kapacitor.conf, or as KAPACITOR_OIDC_CLIENT_ID or KAPACITOR_OIDC_AUDIENCE)',
  },
  {
    about: ['oidc.jwks-endpoint', 'oidc.issuer'],
    isBroken: (config) =>
      hasProvider(config) && LISTS.every((name) => config.oidc[name].length === 0),
    says: '[oidc] lists no user: everybody who signs in at the identity provider is refused; set [oidc] admins, or users in the file',
  },
  {
    about: ['oidc.groups-claim'],
    isBroken: ({ oidc }) => oidc.groupsClaim !== '' && oidc.groupRoles.length === 0,
    says: '[oidc] groups-claim has no effect without [oidc] group-roles',
  },
  {
    about: ['oidc.provider', 'oidc.jwks-endpoint', 'oidc.issuer'],
    isBroken: ({ oidc, origins }) =>
      oidc.provider !== 'azure' &&
      origins.get('oidc.subject-claim') === 'default' &&
      [oidc.jwksEndpoint, oidc.issuer].some(isMicrosoft),
    says: '[oidc] provider is not "azure", but the address is Microsoft\'s: users are identified by sub instead of their object ID; set [oidc] provider = "azure"',
  },
]

/** What is said of values that were copied from a document and not filled in. */
function exampleRule(
  name: (typeof URLS | typeof LISTS)[number] | 'client-id',
  valuesOf: (config: Config) => readonly string[],
): Rule {
  const bad = (config: Config) =>
    valuesOf(config).flatMap((value) => {
      const problem = placeholderProblem(value)
      return problem === undefined ? [] : [`${shown(value)}: ${problem}`]
    })
  return {
    about: [`oidc.${name}`],
    isBroken: (config) => bad(config).length > 0,
    says: (config) => `[oidc] ${name} = ${bad(config).join('; ')}`,
  }
}

/** Whether tokens of an identity provider are accepted at all. */
function hasProvider({ oidc }: Pick<Config, 'oidc'>): boolean {
  return oidc.jwksEndpoint !== '' || oidc.issuer !== ''
}

/** Whether the provider is described as in InfluxDB Clustered's documents, which name neither client nor audience. */
function isDocumented({ oidc, origins }: Config): boolean {
  return oidc.file !== '' && (origins.get('oidc.jwks-endpoint') ?? '').startsWith(`${oidc.file}:`)
}

function isForAnybody(config: Config): boolean {
  const { clientId, audience } = config.oidc
  return hasProvider(config) && clientId.length === 0 && audience.length === 0
}

/** The keys that do not have their defaults. */
function changedNames({ oidc, origins }: Config): string[] {
  const values = oidc as Readonly<Record<string, unknown>>
  return KEYS.flatMap(([name, { kind, default: standard }]) => {
    if (origins.get(`oidc.${name}`) === 'default') return []
    if (name === 'subject-claim' && oidc.subjectClaim === usualSubjectClaim(oidc)) return []
    const checked = check(kind, standard, false)
    const isChanged = !checked.ok || !isDeepStrictEqual(values[camelCase(name)], checked.value)
    return isChanged ? [name] : []
  })
}

function listedTwice(oidc: Config['oidc']): string | undefined {
  const seen = new Set<string>()
  return LISTS.flatMap((name) => oidc[name]).find((id) => seen.size === seen.add(id).size)
}

/** The same hosts as in `token/provider/key-set/known-issuers.ts`, which config may not import; a test compares them. */
function isMicrosoft(url: string): boolean {
  return (
    URL.canParse(url) &&
    /(?:^|\.)(?:microsoftonline\.(?:com|us|cn)|ciamlogin\.com|sts\.windows\.net)$/.test(
      new URL(url).hostname,
    )
  )
}

/** `a`, `a and b`, `a, b and c`. */
function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join('')
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
