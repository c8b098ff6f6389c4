/** What one cell of the ERP holds; null and absent are both "empty". Times and dates are ISO texts. */
export type Value = string | number | boolean | null | undefined

export type Row = Readonly<Record<string, Value>>

export type ListName = 'customers' | 'products' | 'prices' | 'orders'

/** How a field looks on the HTML pages. */
export type FieldType = 'text' | 'whole' | 'decimal' | 'money' | 'date' | 'time'

export interface Field {
  readonly name: string
  readonly label: string
  readonly type: FieldType
}

export interface ListShape {
  readonly pageSize: number
  /** Whether every user sees rows of their own */
  readonly perUser: boolean
  /** What people know a row by: `id`, for prices `name` */
  readonly key: string
  readonly fields: readonly Field[]
  /** The list's own order; negative where the first comes first */
  readonly compare: (a: Row, b: Row) => number
}

const customers: ListShape = {
  pageSize: 25,
  perUser: true,
  key: 'id',
  fields: [
    field('id', 'Codice'),
    field('name', 'Ragione sociale'),
    field('vat_number', 'Partita IVA'),
    field('fiscal_code', 'Codice fiscale'),
    field('address', 'Indirizzo'),
    field('zip', 'CAP'),
    field('city', 'Città'),
    field('province', 'Prov.'),
    field('phone', 'Telefono'),
    field('mobile', 'Cellulare'),
    field('email', 'E-mail'),
    field('pec', 'PEC'),
    field('sdi', 'SDI'),
    field('last_order_on', 'Ultimo ordine', 'date'),
  ],
  compare: by('name', 'id'),
}

const products: ListShape = {
  pageSize: 20,
  perUser: false,
  key: 'id',
  fields: [
    field('id', 'ID'),
    field('code', 'Codice'),
    field('name', 'Descrizione'),
    field('description', 'Note'),
    field('product_group', 'Gruppo'),
    field('package_size', 'Conf.', 'whole'),
    field('vat', 'IVA %', 'whole'),
    field('image', 'Immagine'),
    field('modified', 'Modificato', 'time'),
  ],
  compare: by('code', 'id'),
}

const prices: ListShape = {
  pageSize: 20,
  perUser: false,
  key: 'name',
  fields: [
    field('product_id', 'ID articolo'),
    field('name', 'Articolo'),
    field('price', 'Prezzo', 'money'),
    field('discount', 'Sconto %', 'decimal'),
    field('currency', 'Valuta'),
  ],
  compare: by('name', 'product_id'),
}

const orders: ListShape = {
  pageSize: 20,
  perUser: true,
  key: 'id',
  fields: [
    field('id', 'ID'),
    field('number', 'Numero'),
    field('customer_id', 'Cod. cliente'),
    field('customer_name', 'Cliente'),
    field('ordered_on', 'Data', 'date'),
    field('delivery_on', 'Consegna', 'date'),
    field('status', 'Stato'),
    field('total', 'Totale', 'money'),
    field('external_ref', 'Rif. esterno'),
    field('modified', 'Modificato', 'time'),
  ],
  // Newest first. Of rows of one second the one that was touched last stands first, which the store sees to.
  compare: (a, b) => compareTexts(b.modified, a.modified),
}

export const lists: Readonly<Record<ListName, ListShape>> = { customers, products, prices, orders }

export const lineFields: readonly Field[] = [
  field('line', 'Riga', 'whole'),
  field('product_id', 'ID articolo'),
  field('name', 'Articolo'),
  field('quantity', 'Quantità', 'decimal'),
  field('price', 'Prezzo', 'money'),
  field('discount', 'Sconto %', 'decimal'),
  field('amount', 'Importo', 'money'),
]

export const ddtFields: readonly Field[] = [
  field('number', 'DDT'),
  field('on', 'Data', 'date'),
  field('carrier', 'Vettore'),
  field('tracking', 'Tracking'),
  field('status', 'Stato'),
]

export function isListName(name: string): name is ListName {
  return Object.hasOwn(lists, name)
}

function field(name: string, label: string, type: FieldType = 'text'): Field {
  return { name, label, type }
}

function by(first: string, second: string): (a: Row, b: Row) => number {
  return (a, b) => compareTexts(a[first], b[first]) || compareTexts(a[second], b[second])
}

// By code unit: a database of that age sorts "É" behind "Z", and localeCompare is a hundred times slower.
function compareTexts(a: Value, b: Value): number {
  const left = String(a ?? '')
  const right = String(b ?? '')
  if (left === right) return 0
  return left < right ? -1 : 1
}
