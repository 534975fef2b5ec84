using NativeCnn.Randomness;

namespace NativeCnn.Data;

/// <summary>
/// Draws one digit: a form's points moved a little as each writer does, bent along smooth curves, turned, slanted,
/// scaled, shifted, distorted elastically (Simard, Steinkraus and Platt, "Best practices for convolutional neural
/// networks", ICDAR 2003), then drawn with a round pen of changing pressure, with soft edges and noise.
/// </summary>
/// <remarks>Only exactly rounded operations, in a fixed order: the same picture on every machine.</remarks>
internal static class DigitPainter
{
    /// <summary>The pictures' height and width.</summary>
    public const int Size = 28;

    // What the unit of height and of width is in pixels; MNIST's digits fit a box of 20.
    private const float Height = 19.5f;
    private const float Width = 21.5f;

    // Spread of each control point, in heights.
    private const float PointSpread = 0.02f;

    // tan(θ/2) of the rotation: 0.07 is 8 degrees.
    private const float RotationSpread = 0.07f;
    private const float MeanSlant = 0.10f;
    private const float SlantSpread = 0.16f;
    private const float WidthSpread = 0.14f;
    private const float HeightSpread = 0.09f;

    // How far the digit's middle moves, and how much paper stays around the ink, in pixels.
    private const float ShiftSpread = 1.2f;
    private const float Margin = 1.5f;

    // Elastic displacement of the grid's nodes in pixels, and the nodes' distance.
    private const float ElasticSpread = 1.9f;
    private const int GridSpacing = 7;
    private const int GridSize = Size / GridSpacing + 3;

    // Pen radius in pixels.
    private const float ThinnestPen = 0.75f;
    private const float ThickestPen = 1.75f;
    private const float PressureSpread = 0.12f;

    private const float EdgeWidth = 1.2f;
    private const float PalestInk = 0.75f;
    private const float LargestNoise = 0.12f;

    private const int StepsPerSpan = 6;

    // The longest form has 11 points in one stroke or 14 in two.
    private const int LargestVertexCount = 160;

    /// <summary>Draws a digit.</summary>
    /// <param name="digit">0 to 9.</param>
    /// <param name="random">Where the form and all its variation come from.</param>
    /// <param name="pixels">28×28 grey values, 0 is paper and 255 ink.</param>
    public static void Paint(int digit, ref RandomStream random, Span<byte> pixels)
    {
        DigitStroke[][] forms = DigitStrokes.Forms[digit];
        DigitStroke[] form = forms[random.NextInt(forms.Length)];
        Placement placement = new(ref random);
        Span<float> gridX = stackalloc float[GridSize * GridSize];
        Span<float> gridY = stackalloc float[GridSize * GridSize];
        for (int i = 0; i < gridX.Length; i++)
        {
            gridX[i] = ElasticSpread * (float)random.NextGaussian();
            gridY[i] = ElasticSpread * (float)random.NextGaussian();
        }
        float radius = ThinnestPen + (ThickestPen - ThinnestPen) * random.NextSingle();

        Span<Vertex> vertices = stackalloc Vertex[LargestVertexCount];
        int count = 0;
        foreach (DigitStroke stroke in form)
        {
            Pen pen = new(ref random, radius);
            count += Trace(stroke, placement, gridX, gridY, pen, ref random, vertices[count..]);
        }
        vertices = vertices[..count];
        Fit(vertices, ref random);

        // Distance of each pixel's centre from the edge of the ink, negative inside.
        Span<float> distances = stackalloc float[Size * Size];
        distances.Fill(float.MaxValue);
        for (int i = 1; i < vertices.Length; i++)
        {
            if (!vertices[i].StartsStroke)
                DrawSegment(vertices[i - 1], vertices[i], distances);
        }
        Develop(distances, ref random, pixels);
    }

    /// <summary>Follows a stroke in short steps and returns how many vertices it took.</summary>
    private static int Trace(
        DigitStroke stroke,
        in Placement placement,
        ReadOnlySpan<float> gridX,
        ReadOnlySpan<float> gridY,
        in Pen pen,
        ref RandomStream random,
        Span<Vertex> vertices
    )
    {
        int pointCount = stroke.Points.Length / 2;
        Span<float> xs = stackalloc float[pointCount];
        Span<float> ys = stackalloc float[pointCount];
        for (int i = 0; i < pointCount; i++)
        {
            xs[i] = stroke.Points[2 * i] + PointSpread * (float)random.NextGaussian();
            ys[i] = stroke.Points[2 * i + 1] + PointSpread * (float)random.NextGaussian();
        }
        int count = (pointCount - 1) * StepsPerSpan + 1;
        for (int k = 0; k < count; k++)
        {
            int span = Math.Min(k / StepsPerSpan, pointCount - 2);
            float t = (k - span * StepsPerSpan) / (float)StepsPerSpan;
            (float x, float y) = placement.Apply(
                Along(xs, span, t, stroke.IsCurve),
                Along(ys, span, t, stroke.IsCurve)
            );
            vertices[k] = new Vertex(
                x + Interpolate(gridX, x, y),
                y + Interpolate(gridY, x, y),
                pen.Radius(k / (float)(count - 1)),
                k == 0
            );
        }
        return count;
    }

    /// <summary>
    /// Centres the digit but for a random shift, and shrinks or moves it where its ink would pass the margin.
    /// </summary>
    private static void Fit(Span<Vertex> vertices, ref RandomStream random)
    {
        const float Middle = (Size - 1) * 0.5f;
        float left = float.MaxValue,
            right = float.MinValue,
            top = float.MaxValue,
            bottom = float.MinValue;
        foreach (Vertex vertex in vertices)
        {
            left = Math.Min(left, vertex.X - vertex.Radius);
            right = Math.Max(right, vertex.X + vertex.Radius);
            top = Math.Min(top, vertex.Y - vertex.Radius);
            bottom = Math.Max(bottom, vertex.Y + vertex.Radius);
        }
        float room = Size - 1 - 2 * Margin;
        float scale = Math.Min(1, room / Math.Max(right - left, bottom - top));
        // Rounding could make the tighter one negative.
        float slackX = Math.Max(0, (room - scale * (right - left)) / 2);
        float slackY = Math.Max(0, (room - scale * (bottom - top)) / 2);
        float toX = Middle + Math.Clamp(ShiftSpread * (float)random.NextGaussian(), -slackX, slackX);
        float toY = Middle + Math.Clamp(ShiftSpread * (float)random.NextGaussian(), -slackY, slackY);
        for (int i = 0; i < vertices.Length; i++)
        {
            Vertex vertex = vertices[i];
            vertices[i] = vertex with
            {
                X = toX + scale * (vertex.X - (left + right) / 2),
                Y = toY + scale * (vertex.Y - (top + bottom) / 2),
                Radius = scale * vertex.Radius,
            };
        }
    }

    /// <summary>
    /// A coordinate at t in [0, 1] between point i and the next: linear, or a Catmull–Rom spline through all points.
    /// </summary>
    private static float Along(ReadOnlySpan<float> points, int i, float t, bool isCurve)
    {
        float p1 = points[i];
        float p2 = points[i + 1];
        if (!isCurve)
            return p1 + t * (p2 - p1);
        int last = points.Length - 1;
        // Past the ends the curve goes on as it came.
        float p0 = i > 0 ? points[i - 1] : 2 * p1 - p2;
        float p3 = i + 2 <= last ? points[i + 2] : 2 * p2 - p1;
        return p1 + 0.5f * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)));
    }

    /// <summary>
    /// The displacement at a point: cubic B-splines over a coarse grid of independent values, which is a random field
    /// smoothed by nearly a Gaussian (σ = spacing/√3).
    /// </summary>
    private static float Interpolate(ReadOnlySpan<float> grid, float x, float y)
    {
        float column = Math.Clamp(x / GridSpacing, 0, GridSize - 3.001f);
        float row = Math.Clamp(y / GridSpacing, 0, GridSize - 3.001f);
        int left = (int)column;
        int top = (int)row;
        Span<float> across = stackalloc float[4];
        Span<float> down = stackalloc float[4];
        BSplineWeights(column - left, across);
        BSplineWeights(row - top, down);
        float sum = 0;
        for (int i = 0; i < 4; i++)
        {
            ReadOnlySpan<float> nodes = grid.Slice((top + i) * GridSize + left, 4);
            sum +=
                down[i] * (across[0] * nodes[0] + across[1] * nodes[1] + across[2] * nodes[2] + across[3] * nodes[3]);
        }
        return sum;
    }

    private static void BSplineWeights(float t, Span<float> weights)
    {
        float u = 1 - t;
        weights[0] = u * u * u / 6;
        weights[1] = (3 * t * t * t - 6 * t * t + 4) / 6;
        weights[2] = (3 * u * u * u - 6 * u * u + 4) / 6;
        weights[3] = t * t * t / 6;
    }

    /// <summary>Lowers the distances near a segment drawn with a round pen.</summary>
    private static void DrawSegment(in Vertex from, in Vertex to, Span<float> distances)
    {
        (float x0, float y0) = (from.X, from.Y);
        (float x1, float y1) = (to.X, to.Y);
        float radius = to.Radius;
        float reach = radius + EdgeWidth / 2;
        int left = Math.Max(0, (int)(Math.Min(x0, x1) - reach));
        int right = Math.Min(Size - 1, (int)(Math.Max(x0, x1) + reach) + 1);
        int top = Math.Max(0, (int)(Math.Min(y0, y1) - reach));
        int bottom = Math.Min(Size - 1, (int)(Math.Max(y0, y1) + reach) + 1);
        float dx = x1 - x0;
        float dy = y1 - y0;
        float perLength = 1 / Math.Max(dx * dx + dy * dy, 1e-12f);
        for (int row = top; row <= bottom; row++)
        {
            for (int column = left; column <= right; column++)
            {
                float px = column - x0;
                float py = row - y0;
                float along = Math.Clamp((px * dx + py * dy) * perLength, 0, 1);
                float ox = px - along * dx;
                float oy = py - along * dy;
                float distance = MathF.Sqrt(ox * ox + oy * oy) - radius;
                ref float nearest = ref distances[row * Size + column];
                nearest = Math.Min(nearest, distance);
            }
        }
    }

    /// <summary>
    /// Ink where the distance is negative, a ramp across the edge, and noise that is the same over paper and ink.
    /// </summary>
    private static void Develop(ReadOnlySpan<float> distances, ref RandomStream random, Span<byte> pixels)
    {
        float ink = PalestInk + (1 - PalestInk) * random.NextSingle();
        float share = random.NextSingle();
        float noise = LargestNoise * share * share;
        for (int i = 0; i < pixels.Length; i++)
        {
            float coverage = Math.Clamp(0.5f - distances[i] / EdgeWidth, 0, 1);
            float grey = ink * coverage + noise * (random.NextSingle() - random.NextSingle());
            pixels[i] = (byte)(Math.Clamp(grey, 0, 1) * 255 + 0.5f);
        }
    }

    /// <summary>A place of the pen and how wide it draws there, in pixels.</summary>
    private readonly record struct Vertex(float X, float Y, float Radius, bool StartsStroke);

    /// <summary>The pen's radius along a stroke: a quadratic Bézier curve of three random values.</summary>
    private readonly struct Pen
    {
        private readonly float _start;
        private readonly float _middle;
        private readonly float _end;

        public Pen(ref RandomStream random, float radius)
        {
            _start = Press(ref random, radius);
            _middle = Press(ref random, radius);
            _end = Press(ref random, radius);
        }

        public float Radius(float t)
        {
            float u = 1 - t;
            return u * u * _start + 2 * u * t * _middle + t * t * _end;
        }

        private static float Press(ref RandomStream random, float radius) =>
            radius * Math.Clamp(1 + PressureSpread * (float)random.NextGaussian(), 0.6f, 1.4f);
    }

    /// <summary>
    /// The affine map from a digit's coordinates to pixels: scaled, slanted and turned about its middle.
    /// </summary>
    private readonly struct Placement
    {
        private readonly float _xx;
        private readonly float _xy;
        private readonly float _yx;
        private readonly float _yy;

        public Placement(ref RandomStream random)
        {
            float width = Width * Factor(ref random, WidthSpread);
            float height = Height * Factor(ref random, HeightSpread);
            float slant = MeanSlant + SlantSpread * (float)random.NextGaussian();
            // Cosine and sine by the half angle's tangent: the library's differ between platforms.
            float tangent = RotationSpread * (float)random.NextGaussian();
            float cosine = (1 - tangent * tangent) / (1 + tangent * tangent);
            float sine = 2 * tangent / (1 + tangent * tangent);
            // Slant moves the top (y < 0) to the right.
            _xx = cosine * width;
            _xy = (-cosine * slant - sine) * height;
            _yx = sine * width;
            _yy = (cosine - sine * slant) * height;
        }

        public (float X, float Y) Apply(float x, float y)
        {
            float u = x - 0.5f;
            float v = y - 0.5f;
            const float Middle = (Size - 1) * 0.5f;
            return (_xx * u + _xy * v + Middle, _yx * u + _yy * v + Middle);
        }

        private static float Factor(ref RandomStream random, float spread) =>
            Math.Clamp(1 + spread * (float)random.NextGaussian(), 0.6f, 1.25f);
    }
}
