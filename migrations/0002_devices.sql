CREATE TABLE `listings` (
	`id` text PRIMARY KEY NOT NULL,
	`product_url` text NOT NULL,
	`title` text,
	`retailer` text,
	`price` integer,
	`currency` text,
	`image_url` text,
	`lifecycle_stage` text NOT NULL,
	`assessed_at` integer,
	`assessed_by` text,
	`modesty_status` text,
	`shopify_status` text,
	`first_seen_at` integer,
	`last_updated` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `listings_stage` ON `listings` (`lifecycle_stage`,`first_seen_at`);--> statement-breakpoint
CREATE TABLE `device_lanes` (
	`incarnation` text NOT NULL,
	`lane` text NOT NULL,
	`owner` text NOT NULL,
	`last` integer NOT NULL,
	`recent` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`incarnation`, `lane`)
) WITHOUT ROWID;
