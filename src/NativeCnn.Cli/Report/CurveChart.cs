using System.Globalization;
using System.Text;

namespace NativeCnn.Cli.Report;

/// <summary>A curve of a <see cref="CurveChart"/>: what it is, and its value after each epoch.</summary>
internal sealed record Curve(string Name, IReadOnlyList<double> Values);

/// <summary>
/// Curves over epochs as SVG that needs no script: it is as wide as the page, takes its colours from the page, and has
/// its last values in words for who cannot see it.
/// </summary>
internal static class CurveChart
{
    private const double Width = 640;
    private const double Height = 300;
    private const double Left = 96;
    private const double Right = 16;
    private const double Top = 16;
    private const double Bottom = 40;
    private const int WantedLines = 4;

    /// <summary>Draws curves of one kind of value.</summary>
    /// <param name="title">What all of them are.</param>
    /// <param name="curves">The curves, of which each has as many values as there are epochs.</param>
    /// <param name="format">How a value is written.</param>
    public static string Draw(string title, IReadOnlyList<Curve> curves, Func<double, string> format)
    {
        double[] all = [.. curves.SelectMany(curve => curve.Values).Where(double.IsFinite)];
        if (all.Length == 0)
            return "";
        double step = Step(all.Max() - all.Min());
        double low = Math.Floor(all.Min() / step) * step;
        int lines = Math.Max(1, (int)Math.Ceiling((all.Max() - low) / step - 1e-9));
        double high = low + lines * step;
        int epochs = curves.Max(curve => curve.Values.Count);
        string words = string.Join(
            "; ",
            curves
                .Where(c => c.Values.Count > 0)
                .Select(c => $"{c.Name} from {format(c.Values[0])} to {format(c.Values[^1])}")
        );
        StringBuilder svg = new();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Html.Text($"{title} over {epochs} epochs: {words}.")}\">\n"
        );
        for (int i = 0; i <= lines; i++)
        {
            double value = low + i * step;
            double y = Y(value);
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y:F1}\" y2=\"{y:F1}\"/><text x=\"{Left - 8}\" y=\"{y + 4:F1}\" text-anchor=\"end\">{Html.Text(format(value))}</text>\n"
            );
        }
        foreach (int epoch in Marks(epochs))
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{X(epoch):F1}\" y=\"{Height - Bottom + 20}\" text-anchor=\"middle\">{epoch}</text>\n"
            );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 4}\" text-anchor=\"middle\">epoch</text>\n"
        );
        for (int c = 0; c < curves.Count; c++)
            DrawCurve(curves[c], c);
        svg.Append("</svg>\n<p class=\"legend\">");
        for (int c = 0; c < curves.Count; c++)
            svg.Append(CultureInfo.InvariantCulture, $"<span class=\"key c{c}\">{Html.Text(curves[c].Name)}</span> ");
        return svg.Append("</p>\n").ToString();

        double X(int epoch) => Left + (Width - Left - Right) * (epochs == 1 ? 0.5 : (epoch - 1.0) / (epochs - 1));
        double Y(double value) => Height - Bottom - (Height - Top - Bottom) * (value - low) / (high - low);

        void DrawCurve(Curve curve, int number)
        {
            IEnumerable<string> points = curve
                .Values.Select((value, i) => (Value: value, Epoch: i + 1))
                .Where(point => double.IsFinite(point.Value))
                .Select(point =>
                    string.Create(CultureInfo.InvariantCulture, $"{X(point.Epoch):F1},{Y(point.Value):F1}")
                );
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<polyline class=\"c{number}\" points=\"{string.Join(' ', points)}\"/>\n"
            );
            // A line of one point is none.
            if (curve.Values is [var only] && double.IsFinite(only))
                svg.Append(
                    CultureInfo.InvariantCulture,
                    $"<circle class=\"c{number}\" cx=\"{X(1):F1}\" cy=\"{Y(only):F1}\" r=\"4\"/>\n"
                );
        }
    }

    // 1, 2 or 5 times a power of ten.
    private static double Step(double span)
    {
        if (!(span > 0))
            return 0.5;
        double power = Math.Pow(10, Math.Floor(Math.Log10(span / WantedLines)));
        double digit = span / WantedLines / power;
        return power
            * (
                digit <= 1 ? 1
                : digit <= 2 ? 2
                : digit <= 5 ? 5
                : 10
            );
    }

    // The first and some after it.
    private static IEnumerable<int> Marks(int epochs)
    {
        int step = Math.Max(1, (epochs + 5) / 6);
        for (int epoch = 1; epoch <= epochs; epoch += step)
            yield return epoch;
    }
}
