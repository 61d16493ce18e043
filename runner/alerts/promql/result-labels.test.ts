import { expect, test } from 'vitest'
import { resultLabels } from './result-labels.ts'

const labels = (query: string) => {
  const set = resultLabels(query)
  if (!set) return 'not PromQL'
  return set.open ? `any but ${[...set.except].join(' ')}` : `only ${[...set.only].join(' ')}`
}

test.each([
  ['up == 0', 'any but '],
  ['up{job=""} == 0', 'any but job'],
  ['sum(up)', 'only '],
  ['sum by (a, b) (rate(x[5m])) > 0.5', 'only a b'],
  ['sum without (a) (x)', 'any but a'],
  ['avg without (a) (sum by (a, b) (x))', 'only b'],
  ['sum by (a) (x{a=""})', 'only '],
  ['topk by (a) (3, sum by (a, b) (x))', 'only a b'],
  ['count_values("v", x)', 'only v'],
  ['vector(1)', 'only '],
  ['time() - max by (h) (x) > 3', 'only h'],
  ['absent(up{job="x", a=~"y", b!="z"})', 'only job'],
  ['absent(up{job="x", job="y"})', 'only '],
  ['absent(sum(up{job="x"}))', 'only '],
  ['absent_over_time(up{job="x"}[5m])', 'only job'],
  ['histogram_quantile(0.9, sum by (le, job) (rate(x[5m])))', 'only job'],
  ['label_replace(sum(x), "dst", "$1", "src", "(.*)")', 'only dst'],
  ['sum by (a) (x) / on (a) group_left (c) y', 'only a c'],
  ['sum by (a) (x) / on (a) group_left (c) sum by (a) (y)', 'only a'],
  ['x * on (i) group_left (n) sum by (i) (y)', 'any but n'],
  ['x / on (a, b) y', 'only a b'],
  ['x / ignoring (code) y', 'any but code'],
  ['sum by (a, b) (x) / ignoring (b) y', 'only a'],
  ['sum by (a) (x) / sum by (a) (y) > 1', 'only a'],
  ['sum by (a) (x) and on () y', 'only a'],
  ['sum by (a) (x) or sum by (b) (y)', 'only a b'],
  ['up{a=""} or vector(0)', 'any but a'],
  ['up{a=""} unless y', 'any but a'],
  ['max_over_time(sum by (k) (x)[5m:1m] offset 1h)', 'only k'],
  ['-(sum by (k) (x)) @ end()', 'only k'],
  ['sum by ("a.b") (x)', 'only a.b'],
  ['info(sum(x))', 'any but '],
  ['{job="x"} |= "error"', 'not PromQL'],
  ['sum(', 'not PromQL'],
])('the result of `%s` has %s', (query, expected) => {
  expect(labels(query)).toBe(expected)
})
