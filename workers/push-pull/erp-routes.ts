import * as z from 'zod'
import { PageQuery } from '../../sync/protocol/common.ts'
import {
  Customer,
  ImagesQuery,
  Order,
  PriceChange,
  Product,
  ProductImage,
  RowsQuery,
  UnmatchedPrice,
} from '../../sync/protocol/erp-rows.ts'
import { json, route } from '../shared/app.ts'

const one = z.object({ id: z.string() })
const known = { description: 'As you have it' }
const ofUser = RowsQuery.extend({
  user_id: z.string().optional().meta({ description: 'Whose; admins only. Absent: your own, or all' }),
})

export const listCustomers = route({
  method: 'get',
  path: '/api/customers',
  tags: ['data'],
  summary: 'Customers by name',
  request: { query: ofUser },
  responses: { 200: json(z.array(Customer), 'Customers; the next page is in the Link header'), 304: known },
})

export const getCustomer = route({
  method: 'get',
  path: '/api/customers/{id}',
  tags: ['data'],
  summary: 'One customer',
  request: { params: one },
  responses: { 200: json(Customer, 'The customer'), 304: known },
})

export const listProducts = route({
  method: 'get',
  path: '/api/products',
  tags: ['data'],
  summary: 'Products with their prices, by name',
  request: { query: RowsQuery },
  responses: { 200: json(z.array(Product), 'Products; the next page is in the Link header'), 304: known },
})

export const getProduct = route({
  method: 'get',
  path: '/api/products/{id}',
  tags: ['data'],
  summary: 'One product with its price',
  request: { params: one },
  responses: { 200: json(Product, 'The product'), 304: known },
})

export const getProductImage = route({
  method: 'get',
  path: '/api/products/{id}/image',
  tags: ['data'],
  summary: 'A product’s picture',
  request: { params: one },
  responses: {
    200: {
      description: 'The picture',
      content: { 'image/*': { schema: { type: 'string', format: 'binary' } } },
    },
    304: known,
  },
})

export const listOrders = route({
  method: 'get',
  path: '/api/orders',
  tags: ['data'],
  summary: 'Orders with lines and delivery documents, newest first',
  description:
    'Answers at once what is known; where that is old, it also asks for news, which the next reader finds.',
  request: { query: ofUser },
  responses: { 200: json(z.array(Order), 'Orders; the next page is in the Link header'), 304: known },
})

export const getOrder = route({
  method: 'get',
  path: '/api/orders/{id}',
  tags: ['data'],
  summary: 'One order with lines and delivery documents',
  request: { params: one },
  responses: { 200: json(Order, 'The order'), 304: known },
})

export const listPriceChanges = route({
  method: 'get',
  path: '/api/price-changes',
  tags: ['data'],
  summary: 'Every price that changed, from what to what, newest first',
  request: {
    query: PageQuery.extend({
      product_id: z.string().optional(),
      before: z
        .string()
        .regex(/^\d{1,15}\.\d{1,15}$/, 'not the end of a page')
        .optional(),
    }),
  },
  responses: { 200: json(z.array(PriceChange), 'Changes; the next page is in the Link header'), 304: known },
})

export const listUnmatchedPrices = route({
  method: 'get',
  path: '/api/unmatched-prices',
  tags: ['data'],
  summary: 'Prices that match no product, or several, by name',
  request: { query: RowsQuery },
  responses: {
    200: json(z.array(UnmatchedPrice), 'Prices; the next page is in the Link header'),
    304: known,
  },
})

export const listImages = route({
  method: 'get',
  path: '/api/images',
  tags: ['data'],
  summary: 'Pictures on their way from the ERP, by product; `status=dead` is the dead-letter list',
  request: { query: ImagesQuery },
  responses: { 200: json(z.array(ProductImage), 'Pictures; the next page is in the Link header') },
})

export const retryImage = route({
  method: 'post',
  path: '/api/images/{product_id}/retry',
  tags: ['data'],
  summary: 'Fetch a picture again',
  request: { params: z.object({ product_id: z.string() }) },
  responses: { 202: json(ProductImage, 'It is queued again') },
})
