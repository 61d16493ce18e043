import { expect, test } from 'vitest'
import { belowBase, buildLink, fillInputs, inputFor, parseLink, splitLink, targetOf } from './link.ts'

test('a link is read into address, values and step; a plus sign is a space', () => {
  expect(parseLink('https://x/runbooks/a/?service=a%26b+c&empty=&flag#locks')).toEqual({
    address: 'https://x/runbooks/a/',
    params: [
      ['service', 'a&b c'],
      ['empty', ''],
      ['flag', ''],
    ],
    anchor: 'locks',
    repaired: false,
  })
})

test('a query behind the fragment is moved before it, after the query that the link has already', () => {
  expect(parseLink('https://x/a/#step?b=c')).toMatchObject({
    params: [['b', 'c']],
    anchor: 'step',
    repaired: true,
  })
  expect(splitLink('https://x/a?d=e#step?b=c')).toMatchObject({ query: 'd=e&b=c', repaired: true })
  expect(splitLink('https://x/#/alerts?b=c')).toMatchObject({ repaired: false })
})

test('template actions are never split', () => {
  expect(splitLink('https://x/a?n={{ reReplaceAll "#" "?" $labels.n | urlquery }}#s')).toMatchObject({
    query: 'n={{ reReplaceAll "#" "?" $labels.n | urlquery }}',
    anchor: 's',
  })
})

test('values that are wrongly encoded are taken as they are', () => {
  expect(parseLink('https://x/a?n=%E0%A4%A&m=100%#%zz')).toMatchObject({
    params: [
      ['n', '%E0%A4%A'],
      ['m', '100%'],
    ],
    anchor: '%zz',
  })
})

test('an address names a runbook or an alert, whatever its case and however it ends', () => {
  expect(targetOf('https://x/docs/Runbooks/DB/Locks/index.html')).toEqual({
    page: 'runbook',
    slug: 'db/locks',
  })
  expect(targetOf('https://x/alerts/HighErrors')).toEqual({ page: 'alert', name: 'HighErrors' })
  expect(targetOf('https://x/base/runbooks/a/', 'https://x/base')).toEqual({ page: 'runbook', slug: 'a' })
  expect(targetOf('https://x/other')).toBeUndefined()
})

test('a base ends at a whole part of the path', () => {
  expect(belowBase('http://X/base/a/', 'https://x/base/')).toBe('a')
  expect(belowBase('https://x/based/a', 'https://x/base')).toBeUndefined()
})

const inputs = {
  cluster: { aliases: ['CLUSTER_ID'], fromLabel: 'k8s_cluster' },
  other: { fromLabel: 'cluster' },
  token: { type: 'secret' },
}

test('a name comes before an alias, an alias before a label, each whatever its case', () => {
  expect(['Cluster', 'cluster_id', 'K8S_CLUSTER', 'nothing'].map((name) => inputFor(inputs, name))).toEqual([
    'cluster',
    'cluster',
    'cluster',
    undefined,
  ])
})

test('the first value of an input counts, the rest is context, and a secret never comes from a link', () => {
  expect(
    fillInputs(inputs, [
      ['CLUSTER', 'a'],
      ['cluster', 'b'],
      ['x', 'y'],
      ['token', 'hunter2'],
    ]),
  ).toEqual({
    values: { cluster: 'a' },
    context: [
      ['cluster', 'b'],
      ['x', 'y'],
      ['token', '[a secret is never taken from a link]'],
    ],
  })
})

test('names such as __proto__ are text like any other', () => {
  const { values, context } = fillInputs(inputs, [
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ])
  expect([Object.keys(values), context.length]).toEqual([[], 2])
})

test('what is built can be read back, and template actions stay', () => {
  const link = buildLink(
    'https://x/',
    'a/b',
    [
      ['n', 'a&b #?'],
      ['l', '{{ $labels.l | urlquery }}'],
    ],
    'step',
  )
  expect(link).toBe('https://x/runbooks/a/b/?n=a%26b%20%23%3F&l={{ $labels.l | urlquery }}#step')
  expect(parseLink(link).params[0]).toEqual(['n', 'a&b #?'])
})
