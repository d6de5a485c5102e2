import type { CreateDatabaseStatement, Statement } from '../ast/statement.js'
import type { Token } from '../scanner/token.js'
import { parseDuration, parseShardDuration } from './parse-duration.js'
import { parseReplication } from './parse-integer.js'
import type { Parser } from './parser.js'

/** `CREATE DATABASE`; the words before are read already, here and below. */
export function parseCreateDatabase(p: Parser): Statement {
  const name = p.name()
  const policy = p.accept('WITH') ? parsePolicy(p) : undefined
  return { kind: 'CREATE DATABASE', name, policy }
}

/** Options, each at most once, in this order; at least one. */
function parsePolicy(p: Parser): CreateDatabaseStatement['policy'] {
  const first = p.next()
  if (first !== 'DURATION' && first !== 'NAME' && first !== 'REPLICATION' && first !== 'SHARD') {
    throw p.unexpected('DURATION', 'NAME', 'REPLICATION', 'SHARD')
  }
  p.unread()
  const duration = p.accept('DURATION') ? parseDuration(p) : undefined
  const replication = p.accept('REPLICATION') ? parseReplication(p) : undefined
  let shardDuration = 0n
  if (p.accept('SHARD')) {
    p.expect('DURATION')
    shardDuration = parseDuration(p)
  }
  const name = p.accept('NAME') ? p.name() : ''
  return { name, duration, replication, shardDuration }
}

export function parseCreateRetentionPolicy(p: Parser): Statement {
  const { name, database } = parseOn(p)
  p.expect('DURATION')
  const duration = parseDuration(p)
  p.expect('REPLICATION')
  const replication = parseReplication(p)
  const shardDuration = p.accept('SHARD') ? parseShardDuration(p) : 0n
  const isDefault = p.accept('DEFAULT')
  return {
    kind: 'CREATE RETENTION POLICY',
    name,
    database,
    duration,
    replication,
    shardDuration,
    isDefault,
  }
}

export function parseAlterRetentionPolicy(p: Parser): Statement {
  const token = p.next()
  if (token !== 'DEFAULT' && token !== 'IDENT') throw p.unexpected('identifier')
  const name = token === 'DEFAULT' ? 'default' : p.literal
  p.expect('ON')
  return { kind: 'ALTER RETENTION POLICY', name, database: p.name(), ...parseAlterations(p) }
}

/** Options, each at most once, in any order; at least one. */
function parseAlterations(p: Parser) {
  const seen = new Set<Token>()
  let duration: bigint | undefined
  let replication: number | undefined
  let shardDuration: bigint | undefined
  for (;;) {
    const token = p.next()
    if (seen.has(token)) throw p.failAt(`found duplicate ${token} option`, p.offset)
    if (token === 'DURATION') duration = parseDuration(p)
    else if (token === 'REPLICATION') replication = parseReplication(p)
    else if (token === 'SHARD') shardDuration = parseShardDuration(p)
    else if (token !== 'DEFAULT') break
    seen.add(token)
  }
  if (seen.size === 0) throw p.unexpected('DURATION', 'REPLICATION', 'SHARD', 'DEFAULT')
  p.unread()
  return { duration, replication, shardDuration, isDefault: seen.has('DEFAULT') }
}

/** A name and the database that it is on. */
export function parseOn(p: Parser): { name: string; database: string } {
  const name = p.name()
  p.expect('ON')
  return { name, database: p.name() }
}
