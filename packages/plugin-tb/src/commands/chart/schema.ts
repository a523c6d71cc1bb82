import {ParixCommand} from '@parix/kit/command'

/** `--json` and without it: the JSON schema. */
export default class ChartSchemaCommand extends ParixCommand<unknown> {
  static override summary = 'print the JSON schema of a chart of accounts, for editors'
  static override description =
    'Editors check parix.chart.yaml by it, for example with "# yaml-language-server: $schema=parix.chart.schema.json" in its first line.'
  static override aliases = ['tb:chart:schema']
  static override examples = ['<%= config.bin %> <%= command.id %> > parix.chart.schema.json']

  async run(): Promise<unknown> {
    await this.parse(ChartSchemaCommand)
    const {chartJsonSchema} = await import('@parix/books/chart/schema')
    const schema = chartJsonSchema()
    this.show(JSON.stringify(schema, null, 2))
    return schema
  }
}
