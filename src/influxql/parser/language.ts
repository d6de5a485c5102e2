import type { Statement } from '../ast/statement.js'
import type { Token } from '../scanner/token.js'
import { parseCardinality, parseKeyCardinality } from './parse-cardinality-statements.js'
import { parseCreateContinuousQuery } from './parse-continuous-query-statements.js'
import {
  parseAlterRetentionPolicy,
  parseCreateDatabase,
  parseCreateRetentionPolicy,
  parseOn,
} from './parse-database-statements.js'
import { parseDelete } from './parse-delete-statements.js'
import { parseId } from './parse-integer.js'
import { parseSelect } from './parse-select.js'
import {
  parseShowFieldKeys,
  parseShowGrants,
  parseShowMeasurements,
  parseShowModule,
  parseShowRetentionPolicies,
  parseShowSeries,
  parseShowTagKeys,
  parseShowTagValues,
} from './parse-show-statements.js'
import { parseCreateSubscription, parseDropSubscription } from './parse-subscription-statements.js'
import {
  parseCreateUser,
  parseDropUser,
  parseGrant,
  parseRevoke,
  parseSetPassword,
} from './parse-user-statements.js'
import type { Parser } from './parser.js'

type Parse = (p: Parser) => Statement

/** Words that a statement may go on with, each with more of them or with what parses the rest. */
interface Words {
  readonly [word: string]: Words | Parse
}

/** The words that statements begin with; error texts list them in this order. */
const LANGUAGE: Words = {
  SELECT: (p) => parseSelect(p),
  DELETE: (p) => parseDelete(p, 'DELETE'),
  SHOW: {
    CONTINUOUS: { QUERIES: () => ({ kind: 'SHOW CONTINUOUS QUERIES' }) },
    DATABASES: () => ({ kind: 'SHOW DATABASES' }),
    DIAGNOSTICS: (p) => parseShowModule(p, 'SHOW DIAGNOSTICS'),
    FIELD: {
      KEY: (p) => parseKeyCardinality(p, 'SHOW FIELD KEY CARDINALITY'),
      KEYS: parseShowFieldKeys,
    },
    GRANTS: { FOR: parseShowGrants },
    MEASUREMENT: {
      EXACT: (p) => {
        p.expect('CARDINALITY')
        return parseCardinality(p, 'SHOW MEASUREMENT CARDINALITY', true)
      },
      CARDINALITY: (p) => parseCardinality(p, 'SHOW MEASUREMENT CARDINALITY', false),
    },
    MEASUREMENTS: parseShowMeasurements,
    QUERIES: () => ({ kind: 'SHOW QUERIES' }),
    RETENTION: { POLICIES: parseShowRetentionPolicies },
    SERIES: parseShowSeries,
    SHARD: { GROUPS: () => ({ kind: 'SHOW SHARD GROUPS' }) },
    SHARDS: () => ({ kind: 'SHOW SHARDS' }),
    STATS: (p) => parseShowModule(p, 'SHOW STATS'),
    SUBSCRIPTIONS: () => ({ kind: 'SHOW SUBSCRIPTIONS' }),
    TAG: {
      KEY: (p) => parseKeyCardinality(p, 'SHOW TAG KEY CARDINALITY'),
      KEYS: parseShowTagKeys,
      VALUES: parseShowTagValues,
    },
    USERS: () => ({ kind: 'SHOW USERS' }),
  },
  CREATE: {
    CONTINUOUS: { QUERY: parseCreateContinuousQuery },
    DATABASE: parseCreateDatabase,
    USER: parseCreateUser,
    RETENTION: { POLICY: parseCreateRetentionPolicy },
    SUBSCRIPTION: parseCreateSubscription,
  },
  DROP: {
    CONTINUOUS: { QUERY: (p) => ({ kind: 'DROP CONTINUOUS QUERY', ...parseOn(p) }) },
    DATABASE: (p) => ({ kind: 'DROP DATABASE', name: p.name() }),
    MEASUREMENT: (p) => ({ kind: 'DROP MEASUREMENT', name: p.name() }),
    RETENTION: { POLICY: (p) => ({ kind: 'DROP RETENTION POLICY', ...parseOn(p) }) },
    SERIES: (p) => parseDelete(p, 'DROP SERIES'),
    SHARD: (p) => ({ kind: 'DROP SHARD', id: parseId(p) }),
    SUBSCRIPTION: parseDropSubscription,
    USER: parseDropUser,
  },
  EXPLAIN: parseExplain,
  GRANT: parseGrant,
  REVOKE: parseRevoke,
  ALTER: { RETENTION: { POLICY: parseAlterRetentionPolicy } },
  SET: { PASSWORD: { FOR: parseSetPassword } },
  KILL: { QUERY: parseKillQuery },
}

/** Parses one statement. */
export function parseStatement(p: Parser): Statement {
  let words = LANGUAGE
  for (;;) {
    const token: Token = p.next()
    const found = Object.hasOwn(words, token) ? words[token] : undefined
    if (found === undefined) throw p.unexpected(...Object.keys(words))
    if (typeof found === 'function') return found(p)
    words = found
  }
}

function parseExplain(p: Parser): Statement {
  const analyze = p.accept('ANALYZE')
  p.expect('SELECT')
  return { kind: 'EXPLAIN', analyze, select: parseSelect(p) }
}

function parseKillQuery(p: Parser): Statement {
  return { kind: 'KILL QUERY', id: parseId(p), host: p.accept('ON') ? p.name() : '' }
}
