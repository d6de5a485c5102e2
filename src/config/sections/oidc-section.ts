import { duration, path } from '../kinds/kinds.js'
import {
  ALL_ALGORITHMS,
  algorithms,
  claimName,
  groupRoles,
  identifiers,
  providerName,
} from '../kinds/provider-kinds.js'
import { providerUrl } from '../kinds/provider-url-kind.js'
import { LONGEST_TIMER } from './limits.js'
import { key } from './section-key.js'

const USER_IDS = "users' ids as the provider's tokens have them; several separated by commas"

/** `[oidc]`: the identity provider whose tokens are accepted. */
export const OIDC = {
  help: 'An identity provider (OpenID Connect): its users sign in with its tokens. It is used when jwks-endpoint or issuer is set, here or in the file.',
  keys: {
    file: key(
      path,
      '',
      'A YAML file with the provider and the users, as for InfluxDB Clustered: an AppInstance resource, or the values of its Helm chart. It is read again when it changes. What it gives must not be given here, too.',
    ),
    provider: key(
      providerName,
      '',
      'The name of the provider. It must be "azure" for Microsoft Entra ID, other names are for people only.',
    ),
    'jwks-endpoint': key(
      providerUrl({ query: true }),
      '',
      "The URL of the provider's key set, or of its discovery document (…/.well-known/openid-configuration). When empty, it is found by issuer.",
    ),
    issuer: key(
      providerUrl(),
      '',
      "The issuer of the tokens, exactly as in their iss claim. When empty, the discovery document's, or the one that belongs to a jwks-endpoint of Keycloak, Auth0 or Entra ID.",
    ),
    'client-id': key(
      identifiers('client ids, separated by commas'),
      '',
      'The ids of the applications at the provider whose tokens are accepted, separated by commas. A token must be for one of them or for an audience (aud). Where audience is empty, a token that one of them asked for (azp, appid or client_id) is accepted, too.',
    ),
    audience: key(
      identifiers('audiences, separated by commas'),
      '',
      'The audiences whose tokens are accepted, separated by commas. A token must be for one of them or for a client-id (aud), whichever application asked for it.',
    ),
    'subject-claim': key(
      claimName,
      '',
      'The claim that holds the id of the user. When empty, oid for provider = "azure", else sub.',
    ),
    admins: key(
      identifiers(USER_IDS),
      '',
      'The ids of the users who are administrators, separated by commas.',
    ),
    auditors: key(
      identifiers(USER_IDS),
      '',
      'The ids of the users who may read everything and change nothing, separated by commas.',
    ),
    members: key(
      identifiers(USER_IDS),
      '',
      'The ids of the users who may manage their own tokens only, and have the roles of group-roles, separated by commas.',
    ),
    'groups-claim': key(
      claimName,
      '',
      "The claim that holds the user's groups: its exact name, or a JSON pointer such as /realm_access/roles. When empty, groups are not read.",
    ),
    'group-roles': key(
      groupRoles,
      '',
      'Which group has which role: group=role, separated by commas. Only users who are listed as administrators, auditors or members get roles.',
    ),
    algorithms: key(
      algorithms,
      ALL_ALGORITHMS,
      'The signature algorithms that are accepted, separated by commas.',
    ),
    'clock-skew': key(
      duration({ max: '10m' }),
      '60s',
      "How far the provider's clock and this machine's may be apart.",
    ),
    'max-age': key(
      duration(),
      '0s',
      'How old a token may be, whenever it expires. 0s sets no limit.',
    ),
    'refresh-interval': key(
      duration({ min: '10s', max: LONGEST_TIMER }),
      '10m',
      'How often the key set is fetched again, in the background. A withdrawn key is refused after this time.',
    ),
    'keep-keys': key(
      duration({ min: '1s' }),
      '24h',
      'How long known keys are used while the provider cannot be reached.',
    ),
    timeout: key(
      duration({ min: '100ms', max: '1m' }),
      '5s',
      'The time limit for one request to the provider.',
    ),
    ca: key(
      path,
      '',
      "The certificate authority that signed the provider's certificate (PEM). When empty, the system's.",
    ),
  },
} as const
