import { Document, isCollection, isMap, isScalar, visit } from 'yaml'
import type { ScenarioSource, SituationSource } from './scenario-source.ts'

/** Longest map that is written on one line, in characters. */
const widest = 100

/** A file of scenarios as people write it: one block for each scenario, and short maps on one line. */
export function writeScenarios(
  situation: SituationSource,
  scenarios: readonly ScenarioSource[],
  comments: readonly string[] = [],
): string {
  const { steps, inputs, ...rest } = situation
  const document = new Document({
    ...rest,
    ...(Object.keys(inputs).length > 0 ? { inputs } : {}),
    ...(Object.keys(steps).length > 0 ? { steps } : {}),
    scenarios,
  })
  visit(document, {
    Pair(_, { key, value }, path) {
      if (!isScalar(key) || !isCollection(value)) return
      const name = String(key.value)
      const onOneLine = JSON.stringify(value.toJSON()).length < widest
      if (path.length > 2 || name === 'inputs') value.flow = onOneLine
      if (name === 'steps' && path.length <= 2)
        for (const item of isMap(value) ? value.items : [])
          if (isCollection(item.value)) item.value.flow = true
    },
  })
  const head = comments.map((line) => `# ${line}\n`).join('')
  return head + document.toString({ lineWidth: 110, flowCollectionPadding: true, minContentWidth: 20 })
}
