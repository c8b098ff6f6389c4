CREATE TABLE `actions` (
	`id` text PRIMARY KEY NOT NULL,
	`link` text NOT NULL,
	`scope` text NOT NULL,
	`lane` text NOT NULL,
	`kind` text NOT NULL,
	`key` text NOT NULL,
	`content` text NOT NULL,
	`body` text NOT NULL,
	`status` text NOT NULL,
	`result` text,
	`reason` text,
	`mend` text,
	`actor` text NOT NULL,
	`created_at` integer NOT NULL,
	`sent_at` integer,
	`finished_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `actions_key` ON `actions` (`lane`,`key`);--> statement-breakpoint
CREATE INDEX `actions_unfinished` ON `actions` (`lane`,`id`) WHERE finished_at IS NULL;--> statement-breakpoint
CREATE TABLE `link_deferred` (
	`link` text NOT NULL,
	`scope` text NOT NULL,
	`part` text NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`row` text NOT NULL,
	`reason` text NOT NULL,
	`since` integer NOT NULL,
	`run_id` text NOT NULL,
	PRIMARY KEY(`link`, `scope`, `part`, `name`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `customers` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`erp_id` text NOT NULL,
	`name` text NOT NULL,
	`vat_number` text,
	`fiscal_code` text,
	`address` text,
	`zip` text,
	`city` text,
	`province` text,
	`phone` text,
	`mobile` text,
	`email` text,
	`pec` text,
	`sdi` text,
	`last_order_on` text,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `customers_user` ON `customers` (`user_id`,`name`);--> statement-breakpoint
CREATE TABLE `erp_users` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`login` text NOT NULL,
	`password` text NOT NULL,
	`active` integer DEFAULT 1 NOT NULL,
	`updated_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `orders` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`erp_id` text NOT NULL,
	`number` text,
	`customer_id` text,
	`customer_name` text,
	`ordered_on` text,
	`delivery_on` text,
	`status` text,
	`total` integer,
	`external_ref` text,
	`note` text,
	`lines` text,
	`ddt` text,
	`erp_modified_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `orders_user` ON `orders` (`user_id`,`ordered_on`);--> statement-breakpoint
CREATE TABLE `product_images` (
	`product_id` text PRIMARY KEY NOT NULL,
	`path` text NOT NULL,
	`status` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`last_error` text,
	`object` text,
	`type` text,
	`bytes` integer,
	`created_at` integer NOT NULL,
	`next_at` integer NOT NULL,
	`stored_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `product_images_pending` ON `product_images` (`next_at`) WHERE status = 'pending';--> statement-breakpoint
CREATE TABLE `products` (
	`id` text PRIMARY KEY NOT NULL,
	`code` text,
	`name` text NOT NULL,
	`name_key` text NOT NULL,
	`description` text,
	`product_group` text,
	`package_size` integer,
	`vat` integer,
	`image` text,
	`erp_modified_at` integer,
	`price` integer,
	`discount` integer,
	`currency` text,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `products_name_key` ON `products` (`name_key`);--> statement-breakpoint
ALTER TABLE `link_state` ADD `last_good_at` integer;--> statement-breakpoint
ALTER TABLE `link_state` ADD `list` text DEFAULT 'null' NOT NULL;--> statement-breakpoint
ALTER TABLE `link_state` ADD `checks` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `link_state` ADD `skips` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE VIEW `ddt` AS SELECT o.id AS order_id, o.user_id, d.value ->> 'number' AS number, d.value ->> 'on' AS "on",
    d.value ->> 'carrier' AS carrier, d.value ->> 'tracking' AS tracking, d.value ->> 'status' AS status
    FROM orders o, json_each(o.ddt) d WHERE o.deleted_at IS NULL;--> statement-breakpoint
CREATE VIEW `order_lines` AS SELECT o.id AS order_id, o.user_id, l.value ->> 'line' AS line, l.value ->> 'product_id' AS product_id,
    l.value ->> 'name' AS name, l.value ->> 'quantity' AS quantity, l.value ->> 'price' AS price,
    l.value ->> 'discount' AS discount, l.value ->> 'amount' AS amount
    FROM orders o, json_each(o.lines) l WHERE o.deleted_at IS NULL;--> statement-breakpoint
CREATE VIEW `price_changes` AS SELECT key AS product_id, before ->> '$.price' AS old, after ->> '$.price' AS new, at, run_id, version, n
    FROM history WHERE lane = 'products' AND tbl = 'products' AND op IN ('insert', 'update')
      AND json_type(after, '$.price') IS NOT NULL AND before ->> '$.price' IS NOT after ->> '$.price';--> statement-breakpoint
CREATE VIEW `unmatched_prices` AS SELECT row ->> '$.name' AS name, row ->> '$.id' AS product_id, row ->> '$.price' AS price, kind, reason, since
    FROM link_deferred WHERE link = 'prices.erp';