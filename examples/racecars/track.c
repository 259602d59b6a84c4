/* Rays against the cross-section, and a procedural texture for each of its pieces. */
#include "track.h"

#include "car.h"

#define FENCE_HEIGHT 6.5f
#define FAR_AWAY 2000.0f

static void lay_piece(track *t, enum track_part part, float y0, float z0, float y1, float z1)
{
    float dy = y1 - y0, dz = z1 - z0, length = sqrtf(dy * dy + dz * dz);
    /* pieces run from the outside to the infield: their visible side is to the left of that */
    float normal_y = -dz / length, normal_z = dy / length, from_y = t->camera.y - y0, from_z = t->camera.z - z0;
    float height = from_y * normal_y + from_z * normal_z;
    if (height > 0.0f) /* else only its back could be seen */
        t->segments[t->segment_count++] = (track_segment){
            y0, z0, length, normal_y, normal_z, part, height, (from_y * normal_z - from_z * normal_y) / length};
}

static void lay_infield(track *t, float y, float z)
{
    lay_piece(t, PART_GRASS, y + 4.0f, z, y + 20.0f, z);
    lay_piece(t, PART_PIT_ROAD, y + 20.0f, z, y + 34.0f, z);
    lay_piece(t, PART_PIT_WALL, y + 34.0f, z, y + 34.0f, z + 0.9f);
    lay_piece(t, PART_PIT_BOXES, y + 37.0f, z + 0.5f, y + 37.0f, z + 4.2f);
    lay_piece(t, PART_TREES, y + 90.0f, z, y + 90.0f, z + 13.0f);
}

static void lay_outside(track *t, float y, float z)
{
    lay_piece(t, PART_WALL, y, z + BOARD_HEIGHT, y, z);
    lay_piece(t, PART_BANK, y - 5.0f, z + 0.8f, y, z + 0.8f);
    if (t->place->stands) {
        lay_piece(t, PART_STAND_WALL, y - 5.0f, z + 2.6f, y - 5.0f, z + 0.8f);
        lay_piece(t, PART_STAND, y - 35.0f, z + 20.0f, y - 5.0f, z + 2.6f);
    } else {
        lay_piece(t, PART_BANK, y - 40.0f, z + 2.0f, y - 5.0f, z + 0.8f);
        lay_piece(t, PART_TREES, y - 40.0f, z + 15.0f, y - 40.0f, z + 2.0f);
    }
}

void track_lay(track *t, vec3 camera)
{
    float slope = tanf(t->bank), wall_z = -t->wall_y * slope, inner_z = -t->inner_y * slope;
    t->wall_z = wall_z;
    t->camera = camera;
    t->gap = camera.y < t->wall_y;
    t->segment_count = 0;
    lay_piece(t, PART_ROAD, t->wall_y, wall_z, t->inner_y, inner_z);
    lay_piece(t, PART_APRON, t->inner_y, inner_z, t->inner_y + 4.0f, inner_z - 2.0f * slope);
    lay_infield(t, t->inner_y, inner_z - 2.0f * slope);
    if (t->gap)
        lay_piece(t, PART_APRON, t->wall_y - 60.0f, wall_z + 60.0f * slope, t->wall_y, wall_z);
    else
        lay_outside(t, t->wall_y, wall_z);
}

/* Where on the piece: along x, along the cross-section from its first end, and the size of a pixel's footprint. */
typedef struct spot {
    vec3 point, normal;
    float x, across, footprint;
    float sunlit, open;
} spot;

/* How much detail of size `detail` survives a footprint. */
static float kept(float footprint, float detail)
{
    return clampf(1.5f - footprint / detail, 0.0f, 1.0f);
}

/* How much of a footprint is covered by a line of half_width at distance `off`. */
static float line_cover(float off, float half_width, float footprint)
{
    float reach = 0.5f * footprint + 0.005f;
    return clampf((half_width + reach - fabsf(off)) / (2.0f * reach), 0.0f, 1.0f);
}

static vec3 road_colour(const track *t, const spot *s)
{
    uint32_t salt = t->place->salt;
    float y = s->point.y;
    float tone = 0.90f + 0.35f * (noise_value(s->x * 0.05f, y * 0.5f, salt) - 0.5f);
    float streaks = kept(s->footprint, 0.5f);
    if (streaks > 0.0f)
        tone += 0.45f * (noise_value(s->x * 0.7f, y * 6.0f, salt + 1) - 0.5f) * streaks;
    tone += 0.5f * (hash_unit(floor_int(s->x * 14.0f), floor_int(y * 14.0f), salt + 2) - 0.5f) * kept(s->footprint, 0.07f);
    float off = (y - t->lane_y) * 0.5f;
    tone *= 1.0f - 0.38f / (1.0f + off * off * off * off);
    for (int i = 0; i < 2; i++) { /* tyre marks drift slowly over the lanes */
        float drift = y - t->lane_y + 2.6f * ((float)i - 0.5f) -
                      1.8f * (noise_value(s->x * 0.02f, (float)i * 9.0f, salt + 3) - 0.5f);
        float off_mark = fabsf(fabsf(drift) - 0.78f);
        if (off_mark < 0.16f)
            tone *= 1.0f - 0.4f * (1.0f - ramp(0.08f, 0.16f, off_mark)) *
                               ramp(0.40f, 0.65f, noise_value(s->x * 0.08f, (float)i * 5.0f, salt + 4));
    }
    float seam = y / 3.7f - (float)floor_int(y / 3.7f);
    tone *= 1.0f - 0.3f * line_cover((seam - 0.5f) * 3.7f, 0.03f, s->footprint);
    vec3 surface = vec3_scale(t->place->asphalt, tone);
    float to_edge = t->inner_y - y;
    surface = vec3_mix(surface, t->place->apron_line, 0.85f * line_cover(to_edge - 0.38f, 0.12f, s->footprint));
    return vec3_mix(surface, vec3_make(0.7f, 0.7f, 0.68f), 0.85f * line_cover(to_edge - 0.09f, 0.08f, s->footprint));
}

static vec3 wall_colour(const track *t, const spot *s)
{
    float length = BOARD_LENGTH * (float)BOARD_COUNT, turns = s->x / length;
    float u = (turns - (float)floor_int(turns)) * length, v = BOARD_HEIGHT - s->across;
    int level = 0;
    for (float size = s->footprint * t->place->boards.scale; size > 1.4f; size *= 0.5f)
        level++;
    sample4 paint = texture_sample(&t->place->boards, u, v, level);
    vec3 board = vec3_scale(vec3_make(paint.red * paint.red, paint.green * paint.green, paint.blue * paint.blue),
                            1.0f / 65025.0f);
    /* rubber from cars that touched it */
    float scuff = ramp(0.52f, 0.8f, noise_value(s->x * 0.35f, v * 5.0f, t->place->salt + 9));
    return vec3_scale(vec3_mul(board, t->place->wall), 1.35f * (1.0f - 0.6f * scuff));
}

static vec3 crowd_colour(const track *t, const spot *s)
{
    static const vec3 shirts[] = {{0.50f, 0.06f, 0.06f}, {0.06f, 0.12f, 0.38f}, {0.70f, 0.70f, 0.68f}, {0.60f, 0.45f, 0.10f},
                                  {0.05f, 0.05f, 0.06f}, {0.10f, 0.30f, 0.12f}, {0.66f, 0.62f, 0.58f}, {0.25f, 0.36f, 0.50f}};
    const float row_depth = 0.95f, seat_width = 0.62f;
    float row = s->across / row_depth, seat = s->x / seat_width;
    int row_index = floor_int(row), seat_index = floor_int(seat);
    float up = 1.0f - (row - (float)row_index), over = seat - (float)seat_index;
    float aisle = s->x * (1.0f / 14.0f) - (float)floor_int(s->x * (1.0f / 14.0f));
    vec3 steps = vec3_make(0.30f, 0.30f, 0.30f), seats = t->place->seats;
    if (aisle < 0.08f)
        return steps;
    uint32_t who = hash_cell(seat_index, row_index, t->place->salt + 20);
    float density = t->place->crowd * (0.55f + 0.9f * noise_value(s->x * 0.06f, s->across * 0.2f, t->place->salt + 21));
    vec3 person = vec3_scale(seats, up < 0.5f ? 0.45f : 1.0f);
    if ((float)(who & 255) < 255.0f * density && fabsf(over - 0.5f) < 0.40f) {
        person = vec3_scale(shirts[who >> 8 & 7], 0.45f + 0.75f * (float)(who >> 11 & 255) / 255.0f);
        if (up > 0.60f)
            person = fabsf(over - 0.5f) < 0.20f ? vec3_make(0.46f, 0.29f, 0.20f) : vec3_scale(seats, 0.5f);
        else if (up < 0.22f)
            person = vec3_make(0.04f, 0.05f, 0.08f);
    }
    vec3 mean = vec3_mix(seats, vec3_make(0.25f, 0.20f, 0.19f), density);
    return vec3_mix(mean, person, kept(s->footprint, 0.9f));
}

static vec3 grass_colour(const track *t, const spot *s)
{
    float tone = 0.7f + 0.6f * noise_value(s->x * 0.12f, s->point.y * 0.4f, t->place->salt + 30);
    tone += 0.5f * (noise_value(s->x * 3.0f, s->point.y * 5.0f, t->place->salt + 31) - 0.5f) * kept(s->footprint, 0.3f);
    float stripe = s->point.y * 0.2f - (float)floor_int(s->point.y * 0.2f);
    return vec3_scale(t->place->grass, tone * (stripe < 0.5f ? 1.0f : 1.18f));
}

static vec3 pit_boxes_colour(const track *t, const spot *s)
{
    int box = floor_int(s->x / 9.0f);
    float over = s->x / 9.0f - (float)box;
    uint32_t h = hash_cell(box, 3, t->place->salt + 40);
    if (over < 0.12f + 0.2f * (float)(h & 3) * 0.33f)
        return vec3_make(0.10f, 0.13f, 0.08f);
    vec3 body = vec3_make((float)(h >> 4 & 255) / 300.0f, (float)(h >> 12 & 255) / 330.0f, (float)(h >> 20 & 255) / 300.0f);
    body = vec3_mix(vec3_mul(body, body), vec3_make(0.6f, 0.6f, 0.6f), (h & 8) ? 0.75f : 0.15f);
    return s->across > 2.4f && s->across < 2.9f ? vec3_scale(body, 0.4f) : body;
}

static vec3 tree_colour(const track *t, const spot *s)
{
    float tone = 0.35f + 0.75f * noise_value(s->x * 0.25f, s->point.z * 0.4f, t->place->salt + 50);
    tone *= 0.7f + 0.6f * noise_value(s->x * 1.3f, s->point.z * 1.6f, t->place->salt + 51);
    return vec3_scale(vec3_make(0.055f, 0.10f, 0.035f), tone);
}

static vec3 part_colour(const track *t, enum track_part part, const spot *s)
{
    switch (part) {
    case PART_ROAD:
        return road_colour(t, s);
    case PART_APRON:
        return vec3_scale(t->place->asphalt, 1.25f + 0.3f * noise_value(s->x * 0.3f, s->point.y, t->place->salt + 60));
    case PART_PIT_ROAD:
        return vec3_scale(t->place->asphalt, 1.3f);
    case PART_GRASS:
    case PART_BANK:
        return part == PART_BANK && t->place->stands ? vec3_make(0.22f, 0.22f, 0.21f) : grass_colour(t, s);
    case PART_PIT_WALL:
        return vec3_make(0.55f, 0.55f, 0.53f);
    case PART_PIT_BOXES:
        return pit_boxes_colour(t, s);
    case PART_WALL:
        return wall_colour(t, s);
    case PART_STAND_WALL:
        return vec3_scale(t->place->seats, 0.8f + 0.6f * hash_unit(floor_int(s->x / 11.0f), 1, t->place->salt + 61));
    case PART_STAND:
        return crowd_colour(t, s);
    case PART_TREES:
        return tree_colour(t, s);
    }
    return vec3_make(0.0f, 0.0f, 0.0f);
}

/* The road under and next to a car sees little of the sky. */
static float open_sky(const track *t, vec3 point)
{
    float open = 1.0f;
    for (int i = 0; i < t->car_count; i++) {
        vec3 d = pose_inverse_point(&t->cars[i], point);
        float dx = fabsf(d.x) - 2.25f, dy = fabsf(d.y) - 0.78f;
        dx = dx > 0.0f ? dx : 0.0f;
        dy = dy > 0.0f ? dy : 0.0f;
        float square = dx * dx + dy * dy;
        if (square < 4.0f)
            open *= 1.0f - 0.88f / (1.0f + 14.0f * square) * (1.0f - 0.25f * square);
    }
    return open;
}

static float sun_reaches(const track *t, vec3 point)
{
    float to_wall = point.y - t->wall_y;
    if (!t->gap && t->sun->sun_direction.y < 0.0f && to_wall > 0.0f && to_wall < 12.0f) {
        float height = point.z + to_wall * t->sun->sun_direction.z / -t->sun->sun_direction.y;
        if (height < t->wall_z + BOARD_HEIGHT)
            return 0.0f;
    }
    return shadow_sunlit(t->shadows, point);
}

/* The fence on top of the wall: posts, cables and mesh, laid over what is behind. */
static vec3 through_fence(const track *t, vec3 behind, vec3 ray)
{
    float distance = (t->wall_y - t->camera.y) / ray.y;
    vec3 p = vec3_along(t->camera, ray, distance);
    float height = p.z - t->wall_z - BOARD_HEIGHT;
    if (height < 0.0f || height > FENCE_HEIGHT)
        return behind;
    float x = p.x + t->along, post = x / 5.0f - (float)floor_int(x / 5.0f), cable = height - (float)floor_int(height);
    vec3 steel = vec3_scale(light_on(t->sun, vec3_make(0.0f, 1.0f, 0.0f), 0.6f, 1.0f), 0.16f);
    /* far along the fence the posts run together */
    float footprint = distance * sqrtf(vec3_dot(ray, ray)) * t->pixel_angle * (1.0f + fabsf(ray.x / ray.y));
    float cover = 0.20f + 0.75f * line_cover((post - 0.5f) * 5.0f, 0.07f, footprint) +
                  0.30f * line_cover(cable - 0.5f, 0.03f, footprint);
    return vec3_mix(behind, steel, clampf(cover, 0.0f, 0.95f));
}

static vec3 skyline(const track *t, vec3 direction)
{
    vec3 sky = light_sky(t->sun, direction, 1);
    float along = direction.x / (fabsf(direction.y) + 0.15f);
    float hills = 0.010f + 0.025f * noise_value(along * 1.2f, direction.y > 0.0f ? 3.0f : 9.0f, t->place->salt + 70);
    if (direction.z > hills)
        return sky;
    return vec3_mix(vec3_make(0.05f, 0.08f, 0.05f), t->sun->horizon, 0.45f);
}

track_hit track_meet(const track *t, vec3 ray)
{
    track_hit best = {NULL, FAR_AWAY, 0.0f};
    for (int i = 0; i < t->segment_count; i++) {
        const track_segment *piece = &t->segments[i];
        float facing = -(ray.y * piece->normal_y + ray.z * piece->normal_z);
        if (piece->camera_height >= best.distance * facing) /* farther, or turned away */
            continue;
        float distance = piece->camera_height / facing;
        float along = (ray.y * piece->normal_z - ray.z * piece->normal_y) / piece->length;
        float share = piece->camera_share + distance * along;
        if (share >= 0.0f && share <= 1.0f)
            best = (track_hit){piece, distance, share};
    }
    return best;
}

static vec3 piece_colour(const track *t, vec3 direction, float distance, const track_hit *hit)
{
    const track_segment *piece = hit->piece;
    spot s = {.point = vec3_along(t->camera, direction, distance), .normal = {0.0f, piece->normal_y, piece->normal_z}};
    float facing = -vec3_dot(direction, s.normal);
    int road = piece->part == PART_ROAD || piece->part == PART_APRON;
    s.x = s.point.x + t->along;
    s.across = hit->share * piece->length;
    s.footprint = distance * t->pixel_angle / (facing > 0.15f ? facing : 0.15f);
    s.sunlit = road || piece->part == PART_WALL ? sun_reaches(t, s.point) : 1.0f;
    s.open = road ? open_sky(t, s.point) : 1.0f;
    vec3 seen = vec3_mul(part_colour(t, piece->part, &s), light_on(t->sun, s.normal, s.sunlit, s.open));
    if (piece->part == PART_ROAD) /* worn asphalt shines at flat angles */
        seen = vec3_along(seen, t->sun->horizon, 0.10f * s.open * (1.0f - facing) * (1.0f - facing));
    float air = distance / t->haze;
    return vec3_mix(seen, t->sun->horizon, air / (1.0f + air));
}

vec3 track_colour(const track *t, vec3 ray, const track_hit *hit)
{
    float length = sqrtf(vec3_dot(ray, ray));
    vec3 direction = vec3_scale(ray, 1.0f / length), seen;
    if (hit->piece)
        seen = piece_colour(t, direction, hit->distance * length, hit);
    else
        seen = skyline(t, direction);
    if (!t->gap && ray.y < 0.0f && (!hit->piece || hit->piece->y0 < t->wall_y - 0.5f))
        seen = through_fence(t, seen, ray);
    return seen;
}
