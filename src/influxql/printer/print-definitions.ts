import type {
  AlterRetentionPolicyStatement,
  CreateContinuousQueryStatement,
  CreateDatabaseStatement,
  CreateRetentionPolicyStatement,
  CreateSubscriptionStatement,
} from '../ast/statement.js'
import { printDuration, printGoDuration } from '../values/duration.js'
import { quoteName, quoteString } from '../values/quote.js'
import { printSelect } from './print-select.js'

export function printCreateDatabase({ kind, name, policy }: CreateDatabaseStatement): string {
  const created = `${kind} ${quoteName(name)}`
  if (policy === undefined) return created
  // WITH needs an option, so one that says nothing is printed if there is no other
  const isEmpty =
    policy.name === '' && policy.duration === undefined && policy.replication === undefined
  return (
    `${created} WITH` +
    (policy.duration === undefined ? '' : ` DURATION ${printGoDuration(policy.duration)}`) +
    (policy.replication === undefined ? '' : ` REPLICATION ${policy.replication}`) +
    (policy.shardDuration === 0n && !isEmpty
      ? ''
      : ` SHARD DURATION ${printGoDuration(policy.shardDuration)}`) +
    (policy.name === '' ? '' : ` NAME ${quoteName(policy.name)}`)
  )
}

export function printCreateRetentionPolicy(s: CreateRetentionPolicyStatement): string {
  return (
    `${s.kind} ${quoteName(s.name)} ON ${quoteName(s.database)}` +
    ` DURATION ${printDuration(s.duration)} REPLICATION ${s.replication}` +
    (s.shardDuration === 0n ? '' : ` SHARD DURATION ${printDuration(s.shardDuration)}`) +
    (s.isDefault ? ' DEFAULT' : '')
  )
}

export function printAlterRetentionPolicy(s: AlterRetentionPolicyStatement): string {
  return (
    `${s.kind} ${quoteName(s.name)} ON ${quoteName(s.database)}` +
    (s.duration === undefined ? '' : ` DURATION ${printDuration(s.duration)}`) +
    (s.replication === undefined ? '' : ` REPLICATION ${s.replication}`) +
    (s.shardDuration === undefined ? '' : ` SHARD DURATION ${printDuration(s.shardDuration)}`) +
    (s.isDefault ? ' DEFAULT' : '')
  )
}

export function printCreateContinuousQuery(s: CreateContinuousQueryStatement): string {
  const every = s.resampleEvery === 0n ? '' : ` EVERY ${printDuration(s.resampleEvery)}`
  const during = s.resampleFor === 0n ? '' : ` FOR ${printDuration(s.resampleFor)}`
  const resample = every === '' && during === '' ? '' : ` RESAMPLE${every}${during}`
  return `${s.kind} ${quoteName(s.name)} ON ${quoteName(s.database)}${resample} BEGIN ${printSelect(s.select)} END`
}

export function printCreateSubscription(
  s: CreateSubscriptionStatement,
  printDestination: (destination: string) => string,
): string {
  const on = `${quoteName(s.database)}.${quoteName(s.policy)}`
  const destinations = s.destinations.map((one) => quoteString(printDestination(one)))
  return `${s.kind} ${quoteName(s.name)} ON ${on} DESTINATIONS ${s.mode} ${destinations.join(', ')}`
}
