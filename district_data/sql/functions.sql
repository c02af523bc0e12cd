-- The dice. Whatever is thrown depends on the seed, a label and a key alone: never on the plan, on the order
-- of rows or on parallel workers. Functions with one plain expression are inlined by the planner, so they
-- cost no calls: that is why a number is cast to text before it is joined to one, for the bare operator
-- counts as changeable. seed(), students(), girls() and other constants are functions too, made by
-- generation.py from its own values.

CREATE FUNCTION generator.dice(label text, key bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN hashint8extended(key, hashtextextended(label COLLATE "C", generator.seed())) & 9223372036854775807;

-- 0 to sides - 1
CREATE FUNCTION generator.pick(label text, key bigint,
    sides bigint) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (generator.dice(label, key) % sides)::int;

-- 0 to just below 1
CREATE FUNCTION generator.chance(label text, key bigint) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN generator.dice(label, key) / 9223372036854775808.0::float8;

CREATE FUNCTION generator.one_of(label text, key bigint, choices text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN choices[1 + generator.pick(label, key, cardinality(choices))];

CREATE FUNCTION generator.guid(label text, key bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN md5(label || ':' || key::text || ':' || generator.seed()::text)::uuid;

-- 555-0100 to 555-0199 belong to nobody.
CREATE FUNCTION generator.phone(label text, key bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '(' || (ARRAY['702', '725', '775'])[1 + generator.pick(label || '.area', key, 3)] || ') 555-01'
    || lpad(generator.pick(label, key, 100)::text, 2, '0');

CREATE FUNCTION generator.address(label text, key bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (100 + generator.pick(label || '.number', key, 9800))::text || ' '
    || generator.one_of(label || '.street', key, generator.streets()) || ' '
    || generator.one_of(label || '.kind', key, generator.street_kinds());

CREATE FUNCTION generator.zip(label text, key bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '89' || lpad((101 + generator.pick(label, key, 120))::text, 3, '0');

CREATE FUNCTION generator.email(first text, last text,
    key bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN lower(left(first, 1) || '.' || last || key::text) || '@example.org';

-- School starts on the Monday of the week of 7 August and ends on the Friday of the week of 22 May.
CREATE FUNCTION generator.first_day(of_year int) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN date_trunc('week', make_date(of_year - 1, 8, 10)::timestamp)::date;

CREATE FUNCTION generator.last_day(of_year int) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN date_trunc('week', make_date(of_year, 5, 22)::timestamp)::date + 4;

-- The n-th Monday (1) to Sunday (7) of a month
CREATE FUNCTION generator.nth_weekday(of_year int, month int, weekday int, n int) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN make_date(of_year, month, 1)
    + (weekday - extract(isodow FROM make_date(of_year, month, 1))::int + 7) % 7 + 7 * (n - 1);

CREATE FUNCTION generator.grade_code(grade int) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (ARRAY['PK', 'KG', '01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12'])[grade + 2];

-- True for `chosen` of the numbers 1 to `of_all`, evenly spread
CREATE FUNCTION generator.spread(number bigint, chosen bigint, of_all bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN number <= of_all AND number * chosen / of_all > (number - 1) * chosen / of_all;

-- Ten digits. Districts of one state start at different places, so that no two persons share an ID.
CREATE FUNCTION generator.state_id(label text, key bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (1000000000 + generator.pick(label || generator.district_number(), 0, 8000)::bigint * 1000000 + key)
    ::text;
