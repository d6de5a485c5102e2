import { escaped } from '../text/printable.js'
import { policyText, type Subscription } from './influxdb-subscription.js'
import type { Reconciled } from './reconcile.js'

/** What somebody should do something about. */
export function warningsOf(done: Reconciled): readonly string[] {
  const { kapacitors, otherGateways, doubles, contested, contestedDrops, unserved } = done
  const [first, ...more] = unserved
  return [
    ...(first
      ? [
          `InfluxDB does not post to ${nameOf(first)}${more.length > 0 ? ` and ${more.length} more` : ''}, although the subscription is there: [subscriber] enabled must be true in influxdb.conf, and InfluxDB's log says more in the lines with service=subscriber`,
        ]
      : []),
    ...contested.map(
      (one) =>
        `the subscription of ${escaped(policyText(one))} is replaced again and again: another gateway, with other users, has the same subscription-url. It is left alone for up to an hour, and some points are refused`,
    ),
    ...contestedDrops.map(
      (one) =>
        `the subscription of ${escaped(policyText(one))} is made again and again, although it is not wanted here: another gateway with the same subscription-url has other subscriptions-include or -exclude. It is left alone for up to an hour`,
    ),
    ...kapacitors.map(
      (one) =>
        `Kapacitor has a subscription of its own, ${nameOf(one)}: if it delivers, points come twice. Set disable-subscriptions = true in Kapacitor, then DROP SUBSCRIPTION`,
    ),
    ...doubles.map(
      (one) =>
        `there is a subscription made by hand for the same subscription-url, ${nameOf(one)}: if it delivers, points come twice. Drop it with kapacitor-auth subscription delete, or with DROP SUBSCRIPTION`,
    ),
    ...otherGateways.map(
      (one) =>
        `there is a subscription for another subscription-url, ${nameOf(one)}: drop it if that address is not in use any more`,
    ),
  ]
}

const nameOf = (one: Subscription) => escaped(`"${one.name}" on ${policyText(one)}`)
