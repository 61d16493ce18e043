import { catalogue, wordsOf } from '../data/runbooks/catalogue.ts'
import { allAlerts } from '../data/runbooks/linked-alerts.ts'

/** The words of four letters or more against which the search corrects the spelling of a query. */
export async function GET(): Promise<Response> {
  const titles = (await catalogue()).flatMap(({ title, slug }) => [title, slug])
  const alerts = (await allAlerts()).map(({ name }) => wordsOf(name))
  const words = [...titles, ...alerts]
    .join(' ')
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
  const distinct = new Set(words.filter((word) => word.length > 3))
  return new Response(`${JSON.stringify([...distinct].toSorted())}\n`)
}
