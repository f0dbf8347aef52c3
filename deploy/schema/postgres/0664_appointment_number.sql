-- A number belongs to one appointment of a business.

-- +goose Up
ALTER TABLE appointments ADD CONSTRAINT appointments_number UNIQUE USING INDEX appointments_number;
